"""Texts whose tokens are masked, for pretraining."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

import numpy as np

from kerasseq.data.corpus import Corpus
from kerasseq.data.left_out import Cuts, without_blank
from kerasseq.data.length_buckets import bucket_by_length
from kerasseq.data.prefetch import prefetch
from kerasseq.lazily import tf
from kerasseq.processing.packing import row_of_text
from kerasseq.text.checks import check_lines
from kerasseq.text.wordpiece_tokenizer import WordPieceTokenizer

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.text.tokenizer import Tokenizer


class MaskedText(Corpus):
    """Texts, in memory as tokens, with new masks in every epoch.

    Devlin et al. 2019, section 3.1: 15 % of the tokens are predicted; 80 % of these are
    replaced by `[MASK]`, 10 % by a random token, 10 % stay.

    Empty texts are left out. What is left out or cut is logged; more than 1 % is a warning.

    Args:
        texts: iterable of str.
        tokenizer: Tokenizer with a mask.
        max_length: int, the most tokens of a row, symbols included.
        whole_words: bool, the pieces of a word are masked together: a word that would go
            beyond the share is left out, unless it is the first. For WordPiece alone.

    Raises:
        ValueError: without a text, for an argument that is no list of texts, or another
            tokenizer.
    """

    unit = "texts"
    headings: tuple[str, ...] = ("tokens",)

    def __init__(
        self,
        texts: Iterable[str],
        tokenizer: Tokenizer,
        max_length: int = 128,
        *,
        whole_words: bool = False,
    ) -> None:
        texts = check_lines(texts)
        words = isinstance(tokenizer, WordPieceTokenizer) or not whole_words
        if tokenizer.mask_id is None or not words:
            raise ValueError(
                "Expected a tokenizer with a mask, with whole_words=True a WordPieceTokenizer; "
                f"received {tokenizer!r} and whole_words={whole_words}. Choose another."
            )
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.whole_words = whole_words
        cuts, held = Cuts(max_length, self.unit), without_blank(map(tokenizer.clean, texts))
        self.rows: list[list[int]] = [
            cuts(row_of_text(tokenizer, text, max_length)).ids for text in held
        ]
        cuts.say()
        if not self.rows:
            raise ValueError("Expected at least one text; received none. Check the file.")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[list[str]]]:
        return (([self.tokenizer.vocabulary[i] for i in row],) for row in self.rows)

    def batches(
        self, batch_size: int, *, share: float = 0.15, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        """Padded and masked batches for `model.fit`.

        Args:
            batch_size: int.
            share: float, of the tokens that are predicted, at least one a row.
            shuffle: bool, another order, and other masks, every epoch; otherwise both are the
                same every time.
            seed: int, of order and masks.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `tokens` int32 `(B, S)`,
            padded with 0, and `positions` int32 `(B, P)`; `y` int32 `(B, P)`, the tokens that
            the masks replaced; `sample_weight` float32 `(B, P)`, 1 for a real position.
        """
        most = max(1, round(share * self.max_length))
        data = tf.data.Dataset.from_tensor_slices(tf.ragged.constant(self.rows, tf.int32))
        if shuffle:
            data = data.shuffle(len(self), seed=seed)
        data = data.map(lambda row: (row,))
        counter = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=shuffle)
        data = tf.data.Dataset.zip(data, counter).map(
            lambda row, number: self._mask(row[0], share, most, tf.stack([number, seed]))
        )
        data = bucket_by_length(
            data,
            [len(row) for row in self.rows],
            lambda tokens, *rest: tf.size(tokens),
            batch_size,
            ((None,), (most,), (most,), (most,)),
        )

        def named(tokens, *rest):
            # Short rows have few masks; one long word may have more than their share.
            width = tf.cast(tf.shape(tokens)[1], tf.float32)
            fits = most if self.whole_words else tf.cast(tf.round(share * width), tf.int32)
            positions, targets, weights = (each[:, : tf.maximum(1, fits)] for each in rest)
            return {"tokens": tokens, "positions": positions}, targets, weights

        return prefetch(data.map(named))

    def _mask(self, row, share, most, seed):
        """Masks one row of `S` tokens at `P` places, at most `most`.

        Returns:
            masked tokens `(S,)`; positions, targets and weights `(most,)`, padded with 0.
        """
        tokenizer = self.tokenizer
        size = tf.size(row)
        symbols = len(tokenizer.lead_ids), len(tokenizer.close_ids)
        place = tf.range(size)  # (S,)
        free = (place >= symbols[0]) & (place < size - symbols[1])  # (S,): no symbol
        draws = tf.random.stateless_uniform((3, size), seed)  # (3, S)
        # All pieces of a word share one random number; the words with the highest numbers are
        # masked. Without whole words, each piece is a word.
        begins = tf.gather(tf.constant(self._begins()), row) if self.whole_words else free
        word = tf.cumsum(tf.cast(begins, tf.int32)) - 1  # (S,): the number of each piece's word
        number = tf.where(free, tf.gather(draws[0], tf.maximum(word, 0)), -1.0)  # (S,)
        count = tf.cast(tf.reduce_sum(tf.cast(free, tf.int32)), tf.float32)
        wanted = tf.clip_by_value(tf.cast(tf.round(count * share), tf.int32), 1, most)
        order = tf.argsort(number, direction="DESCENDING", stable=True)  # (S,)
        if self.whole_words:
            ordered = tf.gather(number, order)  # (S,), words together
            # (W,): the number of pieces up to the end of each word, the first masked first
            ends = tf.cast(tf.where(ordered[:-1] != ordered[1:])[:, 0], tf.int32) + 1
            wanted = tf.maximum(
                tf.minimum(ends[0], most), tf.reduce_max(tf.where(ends <= wanted, ends, 0))
            )
        positions = tf.sort(order[:wanted])  # (P,)
        targets = tf.gather(row, positions)  # (P,)
        kind = tf.gather(draws[1], positions)  # (P,)
        other = tf.cast(  # (P,): random tokens
            tf.gather(draws[2], positions) * (tokenizer.vocabulary_size - 5) + 5, tf.int32
        )
        put = tf.where(kind < 0.8, tokenizer.mask_id, tf.where(kind < 0.9, other, targets))
        tokens = tf.tensor_scatter_nd_update(row, positions[:, None], put)  # (S,)
        weights = tf.ones_like(positions, tf.float32)  # (P,)
        padding = [[0, most - tf.size(positions)]]
        return tokens, *(tf.pad(each, padding) for each in (positions, targets, weights))

    def _begins(self):
        """Whether each token of the vocabulary begins a word: a bool array `(V,)`."""
        return np.array([not piece.startswith("##") for piece in self.tokenizer.vocabulary])
