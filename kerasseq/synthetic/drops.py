"""Which translations are not learned from, and why."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Iterator, Sequence

from kerasseq.metrics.repeats_itself import repeats_itself
from kerasseq.text.checks import is_number

if typing.TYPE_CHECKING:
    from kerasseq.bulk.work_folder import Answer

NOTHING = "of which the translation is empty"
SAME = "of which the translation is the text itself"
LOOPS = "of which the translation repeats itself"
BELOW = "with a score below the least"
WORST = "among the worst by their score"
SHARE = 0.05  # of the translations, the worst


class Judged(typing.NamedTuple):
    """A row that was given.

    Attributes:
        text: str; None where it was not translated.
        translation: str, or None.
        score: float, the mean `log p` of a token; or None.
        reason: str, why nothing is learned from it; None where something is.
    """

    text: str | None
    translation: str | None
    score: float | None
    reason: str | None


def reason_against(text: str, translation: str) -> str | None:
    """Why a translation is none, by its words alone; None where it may be one.

    It is empty, or the text itself but for case; or it repeats itself
    (`kerasseq.metrics.repeats_itself`) where the text does not.
    """
    if not translation.strip():
        return NOTHING
    if translation.strip().casefold() == text.strip().casefold():
        return SAME
    return LOOPS if repeats_itself(translation) and not repeats_itself(text) else None


def least_score(scores: Sequence[float], worst: float = SHARE) -> float:
    """The score below which a translation is among the worst.

    Args:
        scores: list of float.
        worst: float of at least 0 and below 1, the share to drop: of equal scores all stay, so
            that no more than that share is dropped.

    Returns:
        float; minus infinity where none is dropped.

    Raises:
        ValueError: for another share.
    """
    if not is_number(worst) or not 0 <= worst < 1:
        raise ValueError(
            f"Expected a share of at least 0 and below 1 of the worst; received {worst}. 0.05 "
            "drops the worst twentieth."
        )
    count = int(worst * len(scores))
    return sorted(scores)[count] if count else -math.inf


def judge(
    rows: Iterable[tuple[str | None, Answer]],
    threshold: float = -math.inf,
    least: float = -math.inf,
) -> Iterator[Judged]:
    """Yields of each row whether something is learned from it.

    Args:
        rows: iterable of a text and its Answer, as `WorkFolder.answers` gives them.
        threshold: float, what `least_score` gave.
        least: float, a least score.
    """
    for text, answer in rows:
        reason = answer.reason
        if reason is None and text is not None and answer.text is not None:
            reason = reason_against(text, answer.text)
        if reason is None and answer.score is not None:
            # A score that is not a number is below any other.
            reason = None if answer.score >= least else BELOW
            reason = reason or (None if answer.score >= threshold else WORST)
        yield Judged(text, answer.text, answer.score, reason)
