"""What the scores ask of what they compare."""

from collections.abc import Mapping


def check_aligned(found, expected, what):
    """Two lists of one length, or a refusal.

    Args:
        found: iterable, what a model gave.
        expected: iterable, as long.
        what: str, what both hold, in the plural.

    Returns:
        two lists.

    Raises:
        ValueError: for a single str, a mapping, what is no iterable, none, or unequal lengths.
    """
    for given in (found, expected):
        if isinstance(given, str | bytes | Mapping) or not hasattr(given, "__iter__"):
            raise ValueError(
                f"Expected a list of {what}; received {given!r:.60} ({type(given).__name__}). Put "
                "a single one into a list."
            )
    found, expected = list(found), list(expected)
    if len(found) != len(expected) or not expected:
        raise ValueError(
            f"Expected as many {what} found as expected, at least one; received {len(found)} and "
            f"{len(expected)}. Align the lists."
        )
    return found, expected


def check_each(rows, kind, what):
    """Refuses a list with an item of another kind.

    Args:
        rows: list.
        kind: type, or several.
        what: str, what each should be.

    Raises:
        ValueError: names the first that is not.
    """
    for number, row in enumerate(rows, 1):
        if not isinstance(row, kind) or isinstance(row, bool):
            raise ValueError(
                f"Expected {what}; received {row!r:.60} ({type(row).__name__}) as number {number}. "
                "Give each as one."
            )
