"""Batches of few padded lengths, from examples of many lengths."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

import numpy as np

from kerasseq.data.prefetch import prefetch
from kerasseq.lazily import tf

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.tensors import Tensor

WIDTHS = 8  # padded lengths, at most


def token_batches(
    ids: Sequence[Sequence[int]], *targets: Tensor, batch_size: int, shuffle: bool, seed: int
) -> Batches:
    """Padded batches of rows of tokens and their targets, for `model.fit`.

    Args:
        ids: list of `N` int lists.
        *targets: tensors, or ragged tensors as long as the rows, `(N, …)`.
        batch_size: int.
        shuffle: bool, another order every epoch.
        seed: int, of the order.

    Returns:
        `tf.data.Dataset` of a dict of `tokens` int32 `(B, S)`, padded with 0, and the targets
        `(B, …)`.
    """
    parts = tf.ragged.constant(ids, tf.int32), *targets
    data = tf.data.Dataset.from_tensor_slices(parts)
    if shuffle:
        data = data.shuffle(len(ids), seed=seed)
    data = bucket_by_length(
        data,
        [len(row) for row in ids],
        lambda tokens, *targets: tf.size(tokens),
        batch_size,
        [part.shape[1:] for part in parts],
    )
    return prefetch(data.map(lambda tokens, *targets: ({"tokens": tokens}, *targets)))


def bucket_by_length(
    data: tf.data.Dataset[typing.Any],
    lengths: Sequence[int],
    length_of: Callable[..., tf.Tensor],
    batch_size: int,
    shapes: typing.Any,
) -> tf.data.Dataset[typing.Any]:
    """Batches examples of similar lengths, each batch padded to one of at most eight.

    Args:
        data: `tf.data.Dataset` of tuples.
        lengths: int list, the length of every example.
        length_of: function from the example's tensors to its length.
        batch_size: int.
        shapes: tuple of shapes, one a component; None for the length.

    Returns:
        `tf.data.Dataset` of batches, of known size.
    """
    ordered = np.sort(lengths)
    marks = [ordered[(i + 1) * len(ordered) // WIDTHS - 1] for i in range(WIDTHS)]
    widths = np.unique([*marks, ordered[-1]])
    data = data.map(lambda *parts: parts)  # a slice of a ragged tensor becomes a plain one
    data = data.bucket_by_sequence_length(
        length_of,
        [int(width) + 1 for width in widths],
        [batch_size] * (len(widths) + 1),
        padded_shapes=tuple(map(tf.TensorShape, shapes)),
        pad_to_bucket_boundary=True,
    )
    filled = np.bincount(np.searchsorted(widths, ordered))
    return data.apply(
        tf.data.experimental.assert_cardinality(int(np.sum(-(-filled // batch_size))))
    )
