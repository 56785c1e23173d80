"""Memory and state as flat dicts, for programs that know names and tensors alone."""

from __future__ import annotations

import typing

from kerasseq.lazily import keras, ops

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


def named_leaves(structure: typing.Any, prefix: str) -> dict[str, Tensor]:
    """A nested dict as a flat one: `{"memory_blocks_0_key": tensor, …}`, in tree order.

    A mask becomes int32: not every runtime has signatures of bool.
    """
    return {
        "_".join([prefix, *map(str, path)]): as_number(leaf)
        for path, leaf in keras.tree.flatten_with_path(structure)
    }


def with_leaves(structure: typing.Any, prefix: str, leaves: dict[str, Tensor]) -> typing.Any:
    """A nested dict like `structure`, of the leaves that `named_leaves` named."""
    named = named_leaves(structure, prefix)
    pairs = zip(keras.tree.flatten(structure), named, strict=True)
    return keras.tree.pack_sequence_as(
        structure, [ops.cast(leaves[name], leaf.dtype) for leaf, name in pairs]
    )


def apart(leaves: dict[str, Tensor], source: Tensor) -> dict[str, Tensor]:
    """The same leaves, no two of them one tensor.

    A converter merges equal tensors, and some runtimes find an output by its buffer alone. So
    every leaf is added a nothing of its own, which depends on the source: its numbers, ids or
    pixels, are not negative.
    """
    nothing = ops.minimum(ops.min(ops.cast(source, "int32")), 0)
    return {
        name: leaf + ops.cast(nothing * number, leaf.dtype)
        for number, (name, leaf) in enumerate(leaves.items(), 1)
    }


def as_number(leaf: Tensor) -> Tensor:
    """A tensor, of bool as int32."""
    is_bool = keras.backend.standardize_dtype(leaf.dtype) == "bool"
    return ops.cast(leaf, "int32") if is_bool else leaf
