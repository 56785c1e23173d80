"""Ranks in rows, and what stands at them."""

from __future__ import annotations

import typing

from kerasseq.lazily import keras, ops

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


def flat_ranks(ranks: Tensor, rows: typing.Any, width: int) -> Tensor:
    """Ranks `(B, M)` in rows of `width` to indices `(B * M,)` into the flattened rows."""
    first = ops.arange(rows, dtype="int32")[:, None] * width
    return ops.reshape(first + ops.cast(ranks, "int32"), (-1,))


def pick(leaves: typing.Any, ranks: Tensor) -> typing.Any:
    """Takes `ranks` `(B, M)` of the second axis of each leaf `(B, N, …)`: `(B, M, …)`.

    The leaves have one `N`. One flat index for all: `keras.ops.take_along_axis` is a dozen
    operations a leaf, and a step at batch 1 costs what its operations do.
    """
    leaf, *_ = keras.tree.flatten(leaves)
    rows, count = ops.shape(ranks)
    flat = flat_ranks(ranks, rows, ops.shape(leaf)[1])  # (B * M,)

    def taken(leaf):
        rest = ops.shape(leaf)[2:]
        found = ops.take(ops.reshape(leaf, (-1, *rest)), flat, axis=0)
        return ops.reshape(found, (-1, count, *rest))

    return keras.tree.map_structure(taken, leaves)


def first_false(mask: Tensor) -> Tensor:
    """The first `K` places of bool `(B, 2 K)` that are False, in order: int32 `(B, K)`."""
    count = mask.shape[1]
    places = -ops.arange(count, dtype="float32")[None]
    return ops.cast(ops.top_k(ops.where(mask, places - count, places), count // 2)[1], "int32")
