"""What each target token should attend to, of batches of pairs whose words are aligned."""

from __future__ import annotations

import typing
from collections.abc import Iterable

import numpy as np

from kerasseq.data.word_alignments import Links, WordAlignments
from kerasseq.processing.token_links import token_links

if typing.TYPE_CHECKING:
    from kerasseq.text.tokenizer import Tokenizer


class GuidingLinks:
    """The links between the tokens of every pair, and the weight of the loss that they make.

    Args:
        alignments: WordAlignments.
        pairs: iterable of pairs of str, cleaned.
        tokenizers: Tokenizer of the sources and of the targets.
    """

    def __init__(
        self,
        alignments: WordAlignments,
        pairs: Iterable[tuple[str, str]],
        tokenizers: tuple[Tokenizer, Tokenizer],
    ) -> None:
        self.weight: float = alignments.weight
        self.links: Links = Links.of_pairs(
            token_links(links, pair, tokenizers)
            for links, pair in zip(alignments, pairs, strict=True)
        )

    def take(
        self, rows: np.ndarray, shape: tuple[int, int], kept: np.ndarray, before: tuple[int, int]
    ) -> np.ndarray:
        """The `links` of some pairs, as `Seq2Seq` reads them.

        Args:
            rows: int array `(B,)`, places of the pairs.
            shape: int pair `(S, T)`.
            kept: int array `(B, 2)`, the tokens of each source and target that are not cut.
            before: int pair, the symbols before a source's tokens and before a target's.

        Returns:
            float32 array `(B, T, S)`: a row sums to `weight`, shared evenly among the tokens that
            it is linked to, or is 0 where there is none.
        """
        found = np.zeros((len(rows), *shape[::-1]), "float32")
        for place, (row, most) in enumerate(zip(rows, kept, strict=True)):
            links = self.links.of_pair(row)
            source, target = (links[(links < most).all(axis=1)] + before).T
            found[place, target, source] = 1.0
        return self.weight * found / np.maximum(found.sum(axis=-1, keepdims=True), 1.0)
