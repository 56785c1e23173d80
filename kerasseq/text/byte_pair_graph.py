"""The graph half of the byte-pair tokenizer."""

from __future__ import annotations

import typing

import tensorflow as tf

from kerasseq.text.added_tokens_graph import CUT, AddedTokensGraph
from kerasseq.text.byte_pairs import words_pattern
from kerasseq.text.sentencepiece_graph import SentencePieceGraph
from kerasseq.text.units import units_of_tokens_graph

if typing.TYPE_CHECKING:
    from kerasseq.text.byte_pair_tokenizer import BytePairTokenizer


class BytePairGraph(tf.Module):
    """Words by a pattern of RE2, and their pieces through SentencePiece's operations.

    Args:
        tokenizer: BytePairTokenizer.
    """

    def __init__(self, tokenizer: BytePairTokenizer) -> None:
        super().__init__()
        self.prefix_space: bool = tokenizer.prefix_space
        self.pieces: SentencePieceGraph = SentencePieceGraph(tokenizer.pieces)
        self.added: AddedTokensGraph = AddedTokensGraph(tokenizer.added, tokenizer.added_ids)
        self.in_units: AddedTokensGraph = AddedTokensGraph(tokenizer.in_units, tokenizer.added_ids)
        self.contents: tf.Tensor = tf.constant(tokenizer.contents)

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Normalised strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        return self._read(texts, self.prefix_space, self.added)

    def tokenize_words(self, words: tf.Tensor) -> tf.RaggedTensor:
        """The same with a space before each."""
        return self._read(words, True, self.added)

    def units(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Normalised strings `(B,)` to their units, ragged strings `(B, None)`, and the ids of
        each, ragged int32 `(B, None, None)`."""
        ids = self._read(texts, self.prefix_space, self.in_units)
        lengths = tf.cast(tf.strings.length(tf.gather(self.contents, ids.values)), tf.int64)
        ends = tf.cumsum(lengths)
        before = tf.gather(tf.concat([[0], ends], 0), ids.row_starts())
        if self.prefix_space:
            spaced = tf.strings.regex_full_match(texts, "[^ ](.|\n)*")
            before += tf.cast(spaced, tf.int64)
        return units_of_tokens_graph(texts, ids, ends - tf.gather(before, ids.value_rowids()))

    def _read(self, texts, prefix_space, added):
        return added.read(
            texts, lambda tokens, ids: ids, lambda each: self._ids(each, prefix_space)
        )

    def _ids(self, texts, prefix_space):
        if prefix_space:
            texts = tf.strings.regex_replace(texts, "^([^ ])", r" \1")
        marked = tf.strings.regex_replace(texts, f"({words_pattern()})", rf"\1{CUT}")
        words = tf.strings.split(marked, CUT)  # (P, W), each last one empty
        bytes_as_letters = tf.strings.unicode_transcode(words.values, "ISO-8859-1", "UTF-8")
        return words.with_values(self.pieces.tokenize(bytes_as_letters)).merge_dims(1, 2)

    def detokenize(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """A ragged int tensor `(B, None)` to strings `(B,)`."""
        contents = ids.with_flat_values(tf.gather(self.contents, ids.flat_values))
        texts = tf.strings.reduce_join(contents, axis=-1)
        return tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
