"""Choosing the sample that is most like the others."""

from __future__ import annotations

import collections
import typing
from collections.abc import Iterable

import sacrebleu

from kerasseq.decoding import Sampling

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Search
    from kerasseq.tasks.translator import Translator


def minimum_bayes_risk(
    translator: Translator, lines: Iterable[str], search: Search | None = None
) -> list[list[tuple[str, float]]]:
    """Ranks samples by how well they agree with all of them: minimum Bayes risk decoding.

    The utility of a text is the mean of sacreBLEU's sentence chrF against each sample (Eikema
    and Aziz 2020, section 6): the mode of a model is often poor, what its samples share is not.

    Args:
        translator: Translator.
        lines: iterable of str.
        search: Search with several hypotheses a line; 32 samples by default. The hypotheses of
            a beam count alike, whatever their scores.

    Returns:
        list of lists of `(text, utility)`, the different texts of each line, best first; a
        utility is 0 to 100. The time grows with the square of the different texts.

    Raises:
        ValueError: for a search with one hypothesis a line.
    """
    search = (Sampling(num_samples=32) if search is None else search).all_best()
    if search.count < 2:
        raise ValueError(
            f"Expected a search with several hypotheses a line; received {search!r}. Use "
            "Sampling(num_samples=32)."
        )
    found = translator.translate(lines, search, distinct=False)
    return [_ranked(collections.Counter(each.text for each in own)) for own in found]


def _ranked(counts):
    """Texts, with how often each was drawn, by their utility."""
    chrf, total = sacrebleu.CHRF(), sum(counts.values())

    def utility(text):
        scores = (chrf.sentence_score(text, [other]).score * n for other, n in counts.items())
        return sum(scores) / total

    return sorted(((text, utility(text)) for text in counts), key=lambda pair: -pair[1])
