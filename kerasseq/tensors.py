"""The few backend-neutral tensor helpers that layers, models and searches share."""

import typing

from kerasseq.lazily import keras, ops

Tensor: typing.TypeAlias = typing.Any  # of the backend that Keras runs on
PAD_ID = 0


def wide_float():
    """Keras' default dtype, or float32 where that is narrower: of sums, and of losses, which Keras
    hands ids as floats. float16 has no whole numbers from 2,049 on but every other, bfloat16 from
    257 on."""
    return keras.backend.result_type(keras.config.floatx(), "float32")


def padding_mask(ids):
    """Marks the real tokens of a padded batch.

    Args:
        ids: int tensor `(B, S)`, padded with 0.

    Returns:
        bool tensor `(B, S)`, True where a real token stands.
    """
    return ops.not_equal(ids, PAD_ID)


def lengths(ids):
    """How many tokens each row of a padded batch has: int tensor `(B, S)` to int32 `(B,)`."""
    return ops.sum(ops.cast(padding_mask(ids), "int32"), axis=1)


def causal_mask(length):
    """Lets position `i` see positions `0 … i`.

    Args:
        length: int or scalar int tensor `T`.

    Returns:
        bool tensor `(1, T, T)`, True where row `i` may attend to column `j`.
    """
    positions = ops.arange(length, dtype="int32")
    return (positions[:, None] >= positions[None, :])[None]


def masked_softmax(scores, mask):
    """Softmax over the last axis, in float32 or wider, with exact zeros where `mask` is False.

    Args:
        scores: float tensor `(…, S)`.
        mask: bool tensor that broadcasts against `scores`; True = attend. None for all.

    Returns:
        float tensor like `scores`. A row without any True is uniform.
    """
    wide = ops.cast(scores, keras.backend.result_type(scores.dtype, "float32"))
    if mask is not None:
        wide = ops.where(mask, wide, ops.cast(-1e9, wide.dtype))
    return ops.cast(ops.softmax(wide, axis=-1), scores.dtype)


def negative_log_likelihood(ids, logits):
    """`-log softmax(z)[id]`, in nats.

    Written with a one-hot product: its gradient is dense anyway, and on a CPU it is twice as
    fast as the fused sparse operation. Loss and metric that both call it share its nodes in
    one TensorFlow graph.

    Args:
        ids: int tensor `(…,)`.
        logits: float tensor `(…, V)`.

    Returns:
        float tensor `(…,)`.
    """
    chosen = ops.one_hot(ids, logits.shape[-1], dtype=logits.dtype)
    return ops.logsumexp(logits, axis=-1) - ops.sum(chosen * logits, axis=-1)


def empty_buffer(shape, axis, dtype="float32"):
    """Zeros to be written a step at a time by `write_at`.

    In a graph of an open batch the buffer is open too: it begins without a position and grows by
    one a step, so that a step costs what was written, and not what may be. Where the batch is a
    number, as in JAX, in TFLite and outside graphs, it has all its positions from the start.

    Args:
        shape: tuple of int `(B, …, T, …)`, of which `B` may be a scalar int tensor.
        axis: int, the time axis.
        dtype: of the zeros.
    """
    if ops.is_tensor(shape[0]):
        # No position, but in a tensor, so that a loop may carry the buffer at any length.
        shape = (*shape[:axis], 0 * shape[0], *shape[axis + 1 :])
    return ops.zeros(shape, dtype)


def write_at(buffer, value, step, axis=1):
    """Writes one step into a buffer, see `empty_buffer`.

    Into one of static length by a select instead of a slice update: it runs in a served graph
    without XLA, in TFLite and under JAX alike. One of open length grows by the step.

    Args:
        buffer: tensor `(B, …, T, …)` with the time on `axis`.
        value: tensor like `buffer` with length 1 on `axis`.
        step: scalar int32, the position to write; that after the last one in an open buffer.
        axis: int, the time axis of `buffer`.

    Returns:
        The buffer with `value` at `step`; a `step` outside a static one changes nothing.
    """
    length = buffer.shape[axis]
    if length is None:
        return ops.concatenate([buffer, ops.cast(value, buffer.dtype)], axis=axis)
    here = ops.equal(ops.arange(length, dtype="int32"), step)
    shape = [1] * len(buffer.shape)
    shape[axis] = length
    return ops.where(ops.reshape(here, shape), ops.cast(value, buffer.dtype), buffer)


def repeat_rows(structure, times):
    """Repeats each row of every leaf `(B, …)` to `(B * times, …)`, copies side by side."""
    return keras.tree.map_structure(lambda leaf: ops.repeat(leaf, times, axis=0), structure)


def gather_rows(structure, rows):
    """Takes the rows named by the int tensor `rows` `(R,)` from every leaf `(B, …)`."""
    return keras.tree.map_structure(lambda leaf: ops.take(leaf, rows, axis=0), structure)
