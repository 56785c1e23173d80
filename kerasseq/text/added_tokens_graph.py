"""The graph half of cutting a text around added tokens."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping

import tensorflow as tf

if typing.TYPE_CHECKING:
    from kerasseq.text.added_tokens import AddedTokens

# Cleaned text holds no NUL, so it marks where a token begins and ends.
CUT = "\0"


class AddedTokensGraph(tf.Module):
    """Cuts texts around added tokens.

    Args:
        added: AddedTokens.
        ids: dict from each token, a str, to its int id.
    """

    def __init__(self, added: AddedTokens, ids: Mapping[str, int]) -> None:
        super().__init__()
        self.pattern: str | None = added.pattern if added.tokens else None
        self.spaced: list[str] = added.spaced
        if self.pattern:
            found = [ids[token] for token in added.tokens.values()]
            self.table: tf.lookup.StaticHashTable = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    list(added.tokens), found, key_dtype=tf.string, value_dtype=tf.int32
                ),
                -1,
            )

    def read(
        self,
        texts: tf.Tensor,
        of_token: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
        of_text: Callable[[tf.Tensor], tf.RaggedTensor],
    ) -> tf.RaggedTensor:
        """Reads tokens one way and the text between them another.

        Args:
            texts: strings `(B,)` without NUL.
            of_token: function from tokens, strings `(N,)`, and their int32 ids `(N,)` to the
                value of each `(N,)`.
            of_text: function from strings `(P,)` to ragged values `(P, None)`.

        Returns:
            ragged values `(B, None)`, in the order of the text.
        """
        if not self.pattern:
            return of_text(texts)
        for pattern in self.spaced:
            texts = tf.strings.regex_replace(texts, pattern, r"\1")
        marked = tf.strings.regex_replace(texts, self.pattern, rf"{CUT}\1{CUT}")
        parts = tf.strings.split(marked, CUT)  # (B, P), every second a token
        is_token = tf.ragged.range(parts.row_lengths()).values % 2 == 1
        tokens = tf.boolean_mask(parts.values, is_token)
        tokens = of_token(tokens, self.table.lookup(tokens))
        tokens = tf.RaggedTensor.from_row_lengths(tokens, tf.cast(is_token, tf.int64))
        between = of_text(tf.where(is_token, "", parts.values))
        return parts.with_values(tf.concat([tokens, between], axis=1)).merge_dims(1, 2)
