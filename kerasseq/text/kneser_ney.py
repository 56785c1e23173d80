"""Estimating an n-gram language model: interpolated, modified Kneser-Ney, written as ARPA."""

from __future__ import annotations

import collections
import itertools
import math
import typing
from collections.abc import Iterable, Iterator

START, END, UNKNOWN = "<s>", "</s>", "<unk>"
FALLBACK = (0.5, 1.0, 1.5)  # where a text is too small to tell
NEVER = -99.0  # log10 of a probability of 0, as ARPA has it

Gram: typing.TypeAlias = tuple[str, ...]


def arpa_lines(lines: Iterable[list[str]], order: int) -> Iterator[str]:
    """Estimates a model and gives the lines of its ARPA file.

    `p(w | h) = (a(hw) - D(a(hw))) / Σ_v a(hv) + γ(h) p(w | h')` (Chen and Goodman 1999, section
    3), where `a` counts, below the highest order, the different words to the left, `h'` lacks the
    first word of `h`, and `γ(h)` is what the discounts `D` have taken. Below one word stands
    `1 / V`, `V` the words with the end and the unknown word.

    Args:
        lines: iterable of lists of words.
        order: int `n` of at least 2, words of the longest n-grams.
    """
    counts = _adjusted(_counted(lines, order))
    taken = [_discounts(each.values()) for each in counts]
    words = {gram[0] for gram in counts[0]} | {UNKNOWN}
    lower: dict[Gram, float] = {(): 1 / len(words)}
    levels, left_over = [], []
    for grams, discounts in zip(counts, taken, strict=True):
        totals: dict[Gram, float] = collections.defaultdict(float)
        discounted: dict[Gram, float] = collections.defaultdict(float)
        for gram, count in grams.items():
            totals[gram[:-1]] += count
            discounted[gram[:-1]] += discounts[min(count, 3) - 1]
        left = {context: discounted[context] / total for context, total in totals.items()}
        level = {
            gram: (count - discounts[min(count, 3) - 1]) / totals[gram[:-1]]
            + left[gram[:-1]] * lower[gram[1:]]
            for gram, count in grams.items()
        }
        if not levels:  # of one word, `h'` of which is none
            level[UNKNOWN,] = left[()] * lower[()]
        left_over.append(left)
        levels.append(level)
        lower = level
    levels[0][START,] = 0.0  # never written, only read
    yield "\\data\\"
    yield from (f"ngram {n}={len(level)}" for n, level in enumerate(levels, 1))
    for n, level in enumerate(levels, 1):
        yield f"\n\\{n}-grams:"
        behind = left_over[n] if n < order else {}
        for gram, probability in level.items():
            back = f"\t{math.log10(behind.get(gram, 1.0)):.6f}" if n < order else ""
            yield f"{_log10(probability):.6f}\t{' '.join(gram)}{back}"
    yield "\n\\end\\"


def _log10(probability):
    return math.log10(probability) if probability else NEVER


def _counted(lines, order):
    """How often each n-gram stands in the lines, by its length."""
    counts = [collections.Counter() for _ in range(order)]
    for words in lines:
        row = [START, *words, END]
        for n, grams in enumerate(counts, 1):
            grams.update(zip(*(row[i:] for i in range(n)), strict=False))
    return counts


def _adjusted(counts):
    """Counts of different words to the left, but of the longest n-grams and those that begin."""
    found = []
    for grams, longer in itertools.pairwise(counts):
        adjusted = collections.Counter(gram[1:] for gram in longer)
        adjusted.update({gram: count for gram, count in grams.items() if gram[0] == START})
        found.append(adjusted)
    del found[0][START,]
    return [*found, counts[-1]]


def _discounts(counts):
    """What is taken of a count of 1, 2, and 3 or more (Chen and Goodman 1999, eq. 26)."""
    of = collections.Counter(counts)
    if not all(of[n] for n in (1, 2, 3, 4)):
        return FALLBACK
    share = of[1] / (of[1] + 2 * of[2])
    found = tuple(n - (n + 1) * share * of[n + 1] / of[n] for n in (1, 2, 3))
    return found if all(0 < each < n for n, each in enumerate(found, 1)) else FALLBACK
