"""Whether a model writes answers, or copies, repeats and says the same to everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerasseq.doctor.finding import Finding

FEWEST = 10  # answers; of fewer a share says nothing
# Greater shares of the answers, beyond those of the references, are told.
EMPTY, SAME, COPIED, REPEATING = 0.2, 0.5, 0.25, 0.2
TIMES = 4  # that a run of words stands in a row, at least; of characters twice as often
LONGEST_RUN = 4  # words


def check_outputs(
    sources: Sequence[object], answers: Sequence[str], references: Sequence[str]
) -> list[Finding]:
    """Tells of answers that are empty, all the same, copies of the source, or repeat themselves.

    What the references do as well is no fault.

    Args:
        sources: list of `N` str; others, as images, are not copied.
        answers, references: list of `N` str.

    Returns:
        list of Finding, at most one.
    """
    if len(answers) < FEWEST:
        return []

    def share(is_so: Callable[[object, str], bool]) -> float:
        """Of the answers, above that of the references."""
        ours, theirs = (
            sum(map(is_so, sources, texts)) / len(texts) for texts in (answers, references)
        )
        return ours - theirs

    most = max(set(answers), key=list(answers).count)
    for name, found, limit, received in (
        ("empty outputs", share(lambda _, text: not text.strip()), EMPTY, "are empty"),
        ("one output", share(lambda _, text: text == most), SAME, f"are the same, {most!r:.60}"),
        ("copies", share(_is_copy), COPIED, "are their source again"),
        ("repeats", share(lambda _, text: repeats(text)), REPEATING, "say words over and over"),
    ):
        if found > limit:
            return [
                Finding(
                    name,
                    f"Expected {len(answers)} answers like their references; received {found:.0%} "
                    f"more that {received}. Look at the data, train longer, or lower the learning "
                    "rate.",
                )
            ]
    return []


def repeats(text: str) -> bool:
    """Whether a run of up to four words stands four times in a row; where there are few words,
    one of characters eight times."""
    units, times = text.lower().split(), TIMES
    if len(units) < TIMES:
        units, times = list(text.lower()), 2 * TIMES
    for size in range(1, LONGEST_RUN + 1):
        alike = 0  # units in a row that are those one run before
        for before, unit in zip(units, units[size:], strict=False):
            alike = alike + 1 if unit == before else 0
            if alike == size * (times - 1):
                return True
    return False


def _is_copy(source, text):
    return isinstance(source, str) and source.lower().split() == text.lower().split() != []
