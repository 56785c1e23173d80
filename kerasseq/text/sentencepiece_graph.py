"""The graph half of the SentencePiece tokenizer."""

from __future__ import annotations

import hashlib
import typing

import tensorflow as tf
from tensorflow_text.python.ops.sentencepiece_tokenizer import (
    gen_sentencepiece_tokenizer as operations,
)

from kerasseq.text.added_tokens_graph import AddedTokensGraph
from kerasseq.text.units import units_of_tokens_graph

if typing.TYPE_CHECKING:
    from kerasseq.text.sentencepiece_tokenizer import SentencePieceTokenizer

SPACE = "▁"
WHOLE_TEXT = 2**31 - 1  # bytes
WHOLE = {"add_bos": False, "add_eos": False, "reverse": False}


class SentencePieceGraph(tf.Module):
    """SentencePiece through tensorflow-text's operations.

    The "fast" variant of tensorflow-text is silently wrong for byte-pair models.

    Args:
        tokenizer: SentencePieceTokenizer.
    """

    def __init__(self, tokenizer: SentencePieceTokenizer) -> None:
        super().__init__()
        self.lowercase: bool = tokenizer.lowercase
        self.model: SentencePieceModel = SentencePieceModel(tokenizer.model)
        self.blank_id: int | None = tokenizer.blank_id
        self.added: AddedTokensGraph = AddedTokensGraph(tokenizer.added, tokenizer.added_ids)
        self.keep_whitespace: bool = tokenizer.keep_whitespace
        if self.keep_whitespace:
            # Nothing stands before a text's first space but the one that SentencePiece writes
            # there itself; its version in tensorflow-text drops all that a text begins with.
            marked = tokenizer.processor.normalize("a").startswith(SPACE)
            pieces = [marked and piece.startswith(SPACE) for piece in tokenizer.vocabulary]
            self.begins: tf.Tensor = tf.constant(pieces)
            self.guard: tf.Tensor = tf.constant([[tokenizer.unknown_id]])
            guard = tf.RaggedTensor.from_tensor(self.guard)
            self.guard_bytes: int = len(self._decode(guard).numpy()[0])

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Normalised strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        if self.lowercase:
            texts = tf.strings.lower(texts, encoding="utf-8")
        return self.added.read(texts, lambda tokens, ids: ids, self._ids)

    def _ids(self, texts):
        ids, splits = operations.sentencepiece_tokenize_op(
            self.model.resource_handle, texts, nbest_size=0, alpha=1.0, out_type=tf.int32, **WHOLE
        )
        ids = tf.RaggedTensor.from_row_splits(ids, splits, validate=False)
        if self.blank_id is None:
            return ids
        ended = tf.strings.regex_full_match(texts, ".* ")
        blanks = tf.fill([tf.math.count_nonzero(ended)], self.blank_id)
        blanks = tf.RaggedTensor.from_row_lengths(blanks, tf.cast(ended, tf.int64))
        return tf.concat([ids, blanks], axis=1)

    def units(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Normalised strings `(B,)` to their units, ragged strings `(B, None)`, and the ids of
        each, ragged int32 `(B, None, None)`."""
        read, sizes = texts, None
        if self.lowercase:
            read = tf.strings.lower(texts, encoding="utf-8")
            characters = tf.strings.unicode_split(texts, "UTF-8").values
            lowered = tf.strings.lower(characters, encoding="utf-8")
            sizes = tf.cast(tf.strings.length(lowered), tf.int64)
        ids, splits, _, ends = operations.sentencepiece_tokenize_with_offsets_op(
            self.model.resource_handle, read, nbest_size=0, alpha=1.0, **WHOLE
        )
        ids = tf.RaggedTensor.from_row_splits(ids, splits, validate=False)
        return units_of_tokens_graph(texts, ids, tf.cast(ends, tf.int64), sizes)

    def detokenize(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """A ragged int tensor `(B, None)` to strings `(B,)`."""
        if not self.keep_whitespace:
            return self._decode(ids)
        ids = tf.cast(ids, tf.int32)
        guard = tf.RaggedTensor.from_tensor(tf.repeat(self.guard, ids.nrows(), axis=0))
        texts = tf.strings.substr(
            self._decode(tf.concat([guard, ids], 1)), self.guard_bytes, WHOLE_TEXT
        )
        first = ids[:, :1].to_tensor(shape=(None, 1))[:, 0]  # padding for a row of none
        begins = tf.gather(self.begins, first)
        return tf.where(begins, tf.strings.regex_replace(texts, "^ ", ""), texts)

    def _decode(self, ids):
        values = tf.cast(ids.flat_values, tf.int32)
        return operations.sentencepiece_detokenize_op(
            self.model.resource_handle, values, ids.row_splits, **WHOLE
        )


class SentencePieceModel(tf.saved_model.experimental.TrackableResource):
    """A model where `keras.utils.set_random_seed` and `clear_session` do not reach.

    Both drop TensorFlow's kernels, and with a kernel what it owns, as it does the resource of
    `tensorflow_text.SentencepieceTokenizer`. A resource with a name is owned by no kernel: it
    stays until the process ends, one for all tokenizers of the same model.

    Args:
        model: bytes.
    """

    def __init__(self, model: bytes) -> None:
        super().__init__()
        self.content = model
        self.name: str = f"sentencepiece_{hashlib.sha256(model).hexdigest()}"
        _ = self.resource_handle  # made now, outside any function that is traced later

    def _create_resource(self) -> tf.Tensor:
        return operations.sentencepiece_op(model=self.content, shared_name=self.name)
