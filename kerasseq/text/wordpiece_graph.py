"""The graph half of the WordPiece tokenizer."""

from __future__ import annotations

import typing

import tensorflow as tf
import tensorflow_text as tf_text

from kerasseq.text.added_tokens_graph import AddedTokensGraph
from kerasseq.text.character_kinds import is_dropped, is_ideograph, is_mark, pattern, stands_alone

if typing.TYPE_CHECKING:
    from kerasseq.text.wordpiece_tokenizer import WordPieceTokenizer

# tensorflow-text's own BERT cleaning folds case ("ß" to "ss"), which BERT's does not.


class WordPieceGraph(tf.Module):
    """WordPiece through tensorflow-text's `FastWordpieceTokenizer`.

    Args:
        tokenizer: WordPieceTokenizer.
    """

    def __init__(self, tokenizer: WordPieceTokenizer) -> None:
        super().__init__()
        self.lowercase: bool = tokenizer.lowercase
        self.strip_accents: bool = tokenizer.strip_accents
        self.longest_word: int = tokenizer.longest_word
        self.tokens: tf.Tensor = tf.constant(tokenizer.vocabulary)
        self.in_text: AddedTokensGraph = AddedTokensGraph(tokenizer.in_text, tokenizer.token_ids)
        self.in_cleaned: AddedTokensGraph = AddedTokensGraph(
            tokenizer.in_cleaned, tokenizer.token_ids
        )
        self.pieces: tf_text.FastWordpieceTokenizer = tf_text.FastWordpieceTokenizer(
            list(tokenizer.pieces),
            token_out_type=tf.int32,
            unknown_token=tokenizer.vocabulary[tokenizer.unknown_id],
            no_pretokenization=True,
            max_bytes_per_word=4 * self.longest_word,
        )

    def cut(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Normalised strings `(B,)` to ragged words, marks and ideographs `(B, None)`."""
        return self._read(texts, lambda tokens, ids: tokens, self._words)

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Normalised strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        return self._read(texts, lambda tokens, ids: ids, self._ids)

    def _read(self, texts, of_token, of_text):
        def of_part(parts):
            return self.in_cleaned.read(self._cleaned(parts), of_token, of_text)

        return self.in_text.read(texts, of_token, of_part)

    def _cleaned(self, texts):
        if self.strip_accents:
            texts = tf_text.normalize_utf8(texts, "NFD")
            texts = tf.strings.regex_replace(texts, pattern(is_mark), "")
        texts = tf.strings.regex_replace(texts, pattern(is_dropped), "")
        texts = tf.strings.regex_replace(texts, f"({pattern(is_ideograph)})", r" \1 ")
        if self.lowercase:
            texts = tf.strings.regex_replace(texts, "Σ", "σ")
            texts = tf.strings.lower(texts, encoding="utf-8")
        return texts

    def _words(self, texts):
        texts = tf.strings.regex_replace(texts, f"({pattern(stands_alone)})", r" \1 ")
        return tf.strings.split(texts)

    def _ids(self, texts):
        words = self._words(texts)
        too_long = tf.strings.length(words.values, unit="UTF8_CHAR") > self.longest_word
        # A word that no vocabulary has: the character for broken text was dropped above.
        words = words.with_values(tf.where(too_long, "\ufffd", words.values))
        return self.pieces.tokenize(words).merge_dims(1, 2)

    def detokenize(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """A ragged int tensor `(B, None)` to strings `(B,)`."""
        return self.join(ids.with_flat_values(tf.gather(self.tokens, ids.flat_values)))

    def join(self, pieces: tf.RaggedTensor) -> tf.Tensor:
        """Ragged pieces `(B, None)` to strings `(B,)`."""
        texts = tf.strings.reduce_join(pieces, axis=-1, separator=" ")
        return tf.strings.regex_replace(texts, " ##", "")
