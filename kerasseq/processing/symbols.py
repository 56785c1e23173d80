"""Token ids with the symbols that begin and end them.

What is read is closed with the end symbol. A decoder is given the start symbol first, and should
answer the same ids one place further, the end symbol last.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.text.tokenizer import Tokenizer


def closed_ids(
    tokenizer: Tokenizer, ids: Sequence[int], max_length: int | None = None
) -> list[int]:
    """Ids with the end symbol behind them; what is longer than `max_length` is cut before it."""
    return [*(ids if max_length is None else ids[: max_length - 1]), tokenizer.end_id]


def closed_ids_graph(
    tokenizer: Tokenizer, ids: tf.RaggedTensor, max_length: int | None = None
) -> tf.RaggedTensor:
    """The same for ragged int32 ids `(B, None)`."""
    import tensorflow as tf

    if max_length is not None:
        ids = ids[:, : max_length - 1]
    end = tf.fill((ids.nrows(), 1), tokenizer.end_id)
    return tf.concat([ids, tf.RaggedTensor.from_tensor(end)], axis=1)


def cut_closed_graph(closed: tf.Tensor, max_length: int) -> tf.Tensor:
    """One row `(S,)` that is closed already, cut before its end symbol to `max_length`."""
    import tensorflow as tf

    return tf.concat([closed[:-1][: max_length - 1], closed[-1:]], 0)


def target_ids(tokenizer: Tokenizer, text: str, max_length: int) -> list[int]:
    """What is scored of a target: its ids and the end symbol, the first `max_length` of them."""
    return closed_ids(tokenizer, tokenizer.encode(text))[:max_length]


def target_ids_graph(tokenizer: Tokenizer, texts: tf.Tensor, max_length: int) -> tf.Tensor:
    """The same for strings `(B,)`: int32 ids `(B, T)`, padded with 0."""
    return closed_ids_graph(tokenizer, tokenizer.tokenize(texts))[:, :max_length].to_tensor()


def given_ids(tokenizer: Tokenizer, following: Sequence[int]) -> list[int]:
    """What the decoder is given to answer `following`: the start symbol, and all but the last."""
    return [tokenizer.start_id, *following[:-1]]


def given_ids_graph(tokenizer: Tokenizer, following: tf.Tensor) -> tf.Tensor:
    """The same for int32 ids `(B, T)`, padded with 0, as each row of the result is."""
    import tensorflow as tf

    start = tf.fill((tf.shape(following)[0], 1), tokenizer.start_id)
    shifted = tf.concat([start, following[:, :-1]], axis=1)
    return tf.where(following != tokenizer.pad_id, shifted, tokenizer.pad_id)


def teacher_forcing(
    tokenizer: Tokenizer, source: tf.Tensor, following: tf.Tensor
) -> tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor]:
    """A batch to `fit`'s triple: the model sees one token, and is asked for the next.

    Args:
        tokenizer: Tokenizer of the target.
        source: tensor `(B, …)`.
        following: int32 tensor `(B, T)`, ids that end with the end symbol, padded with 0.

    Returns:
        dict of `source` and `target` `(B, T)`, which begins with the start symbol; `following`;
        and float32 weights `(B, T)`, 1 for a real token of `following`.
    """
    import tensorflow as tf

    inputs = {"source": source, "target": given_ids_graph(tokenizer, following)}
    return inputs, following, tf.cast(following != tokenizer.pad_id, tf.float32)


def tokens_graph(tokenizer: Tokenizer, ids: tf.Tensor) -> tf.Tensor:
    """The tokens of padded ids `(B, T)` as strings, "" for padding."""
    import tensorflow as tf

    return tf.where(ids == tokenizer.pad_id, "", tf.gather(tf.constant(tokenizer.vocabulary), ids))
