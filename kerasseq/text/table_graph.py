"""The graph half of a tokenizer whose tokens stand in a table."""

from __future__ import annotations

import typing
from collections.abc import Callable

import tensorflow as tf

from kerasseq.text.vocabulary import UNK_ID

if typing.TYPE_CHECKING:
    from kerasseq.text.vocabulary import Vocabulary


class TableGraph(tf.Module):
    """Looks tokens up in a hash table, and back in a list.

    Args:
        vocabulary: Vocabulary.
        cut: function from strings `(B,)` to ragged token strings `(B, None)`.
        join: function from ragged token strings to strings `(B,)`.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        cut: Callable[[tf.Tensor], tf.RaggedTensor],
        join: Callable[[tf.RaggedTensor], tf.Tensor],
    ) -> None:
        super().__init__()
        self.cut = cut
        self.join = join
        self.tokens: tf.Tensor = tf.constant(vocabulary.tokens)
        ids = tf.constant(list(vocabulary.ids.values()), tf.int64)
        self.table: tf.lookup.StaticHashTable = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(vocabulary.words), ids), UNK_ID
        )

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Normalised strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        words = self.cut(texts)
        ids = tf.cast(self.table.lookup(words.flat_values), tf.int32)
        return words.with_flat_values(ids)

    def detokenize(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """A ragged int tensor `(B, None)` to strings `(B,)`."""
        return self.join(ids.with_flat_values(tf.gather(self.tokens, ids.flat_values)))
