"""Whether tokenizers fit the texts: what they know of them, and of pairs which way round."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable

from kerasseq.doctor.finding import Finding

if typing.TYPE_CHECKING:
    from kerasseq.doctor.sample import Pair
    from kerasseq.text.tokenizer import Tokenizer

LOOKED_AT = 200  # pairs
FEWEST = 50
UNKNOWN = 0.1  # a greater share of a side's tokens is told
TURNED = 1.2  # times the cost of the other tokenizer, on either side
FOREIGN = 0.5  # the same of texts to label: their rare words may be left unknown
LOST = 30  # tokens that one unknown token counts for


def check_tokenizers(pairs: Iterable[Pair], source: Tokenizer, target: Tokenizer) -> list[Finding]:
    """Tells of tokenizers that fit the other side of the pairs better, or do not know the words.

    Args:
        pairs: iterable of pairs of str; the first 200 are looked at.
        source, target: Tokenizer.

    Returns:
        list of Finding, at most one.
    """
    pairs = [pair for pair in itertools.islice(pairs, LOOKED_AT) if all(pair)]
    if len(pairs) < FEWEST:
        return []
    sides = list(zip(*pairs, strict=True))
    straight = [_count(each, side) for each, side in zip((source, target), sides, strict=True)]
    turned = [_count(each, side) for each, side in zip((target, source), sides, strict=True)]
    if all(_cost(own) > TURNED * _cost(other) for own, other in zip(straight, turned, strict=True)):
        return [
            Finding(
                "turned",
                "Expected pairs in the direction of the tokenizers; received sides that each cuts "
                "worse than the other's. Swap the sides (reversed()).",
            )
        ]
    for name, count in zip(("source side", "target side"), straight, strict=True):
        found = _unknown(count, UNKNOWN, name)
        if found:
            return found
    return []


def check_vocabulary(texts: Iterable[str], tokenizer: Tokenizer) -> list[Finding]:
    """Tells of a tokenizer that does not know most of the texts, as of another language's model.

    Args:
        texts: iterable of str; the first 200 are looked at.
        tokenizer: Tokenizer.

    Returns:
        list of Finding, at most one.
    """
    texts = list(itertools.islice(texts, LOOKED_AT))
    return _unknown(_count(tokenizer, texts), FOREIGN, "texts") if len(texts) >= FEWEST else []


def _unknown(count, share, name):
    tokens, unknown = count
    if unknown <= share * tokens:
        return []
    return [
        Finding(
            "unknown words",
            f"Expected a vocabulary that covers the {name}; received {unknown / tokens:.0%} of the "
            "tokens that are unknown. Take a larger vocabulary or subwords, or look at whether the "
            "text is lower-cased and cut as the tokenizer's was.",
        )
    ]


def _count(tokenizer, texts):
    """All tokens of some texts, and those unknown."""
    ids = [token for text in texts for token in tokenizer.encode(text)]
    return len(ids), ids.count(tokenizer.unknown_id)


def _cost(count):
    tokens, unknown = count
    return tokens + LOST * unknown
