"""The graph half of the SentencePiece tokenizer."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_text as tf_text


class SentencePieceGraph(tf.Module):
    """SentencePiece through tensorflow-text's `SentencepieceTokenizer`.

    The "fast" variant of tensorflow-text is silently wrong for byte-pair models.

    Args:
        model: bytes.
        lowercase: bool, lower-case first.
    """

    def __init__(self, model: bytes, lowercase: bool) -> None:
        super().__init__()
        self.lowercase = lowercase
        self.pieces = tf_text.SentencepieceTokenizer(model=model, out_type=tf.int32)

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Normalised strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        if self.lowercase:
            texts = tf.strings.lower(texts, encoding="utf-8")
        return self.pieces.tokenize(texts)

    def detokenize(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """A ragged int tensor `(B, None)` to strings `(B,)`."""
        return self.pieces.detokenize(tf.cast(ids, tf.int32))
