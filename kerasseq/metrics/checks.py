"""What the scores ask of what they compare."""

from kerasseq.text.checks import check_lines


def check_aligned(found, expected, what):
    """Two lists of one length, or a refusal.

    Args:
        found: iterable, what a model gave.
        expected: iterable, as long.
        what: str, what both hold, in the plural.

    Returns:
        two lists.

    Raises:
        ValueError: for a single str, a mapping, a table, what is no iterable, none, or unequal
            lengths.
    """
    found, expected = list(check_lines(found, what=what)), list(check_lines(expected, what=what))
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
