"""Choosing again among given hypotheses."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Sequence

if typing.TYPE_CHECKING:
    from kerasseq.tasks.translator import Translator


def rescore(
    lines: Sequence[str],
    hypotheses: Sequence[Sequence[tuple[str, float]]],
    translators: Sequence[Translator],
    weights: Iterable[float] | None = None,
) -> list[list[tuple[str, float]]]:
    """Adds the log-probabilities of translators to the scores of n-best lists, and sorts.

    Sutskever et al. 2014 (section 3.2) average a baseline's score with their model's.

    Args:
        lines: list of str, the sources.
        hypotheses: list of lists of `(text, score)`, an n-best list for each line.
        translators: list of Translator.
        weights: list of float, of the given score and of each translator; equal by default.

    Returns:
        list of lists of `(text, score)`, best first.

    Raises:
        ValueError: for lists of unequal length.
    """
    count = 1 + len(translators)
    weights = [1 / count] * count if weights is None else list(weights)
    if len(weights) != count or len(lines) != len(hypotheses):
        raise ValueError(
            f"Expected an n-best list for each of {len(lines)} lines and {count} weights; received "
            f"{len(hypotheses)} lists and {len(weights)} weights."
        )
    pairs = [(line, text) for line, best in zip(lines, hypotheses, strict=True) for text, _ in best]
    columns = [iter(translator.score(pairs)) for translator in translators]
    found = []
    for best in hypotheses:
        scored = []
        for text, given in best:
            scores = [given, *(next(column) for column in columns)]
            total = sum(weight * score for weight, score in zip(weights, scores, strict=True))
            scored.append((text, total))
        found.append(sorted(scored, key=lambda pair: -pair[1]))
    return found
