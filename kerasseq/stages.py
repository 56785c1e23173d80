"""A search's loop in two stages, with short buffers and then long ones, where shapes are static."""

from __future__ import annotations

import typing
from collections.abc import Callable

from kerasseq.lazily import keras, ops

FEW = 32  # positions that the first stage has at least
SHARE = 8


def lengths_of(max_length: int) -> list[int]:
    """The positions of each stage: an eighth of `max_length` or 32, and `max_length`; all at once
    where the first would be more than half."""
    few = max(FEW, max_length // SHARE)
    return [few, max_length] if 2 * few <= max_length else [max_length]


def in_stages(
    initial_state: Callable[..., typing.Any], memory: typing.Any, max_length: int
) -> tuple[typing.Any, Callable[..., typing.Any]]:
    """The first state of a search, and its loop.

    A buffer of static length is attended, copied and gathered whole at every step. Most targets
    are far shorter than they may be, so the loop begins with a state for a few steps, and goes on
    with a longer one for those that are not. More stages would cost more than they gain: each is a
    copy of the step, whose weights a phone's runtime packs once more. A state that no length
    changes, as that of a recurrent model or one of open buffers (`kerasseq.tensors.empty_buffer`),
    has one stage.

    Args:
        initial_state: function `(memory, max_length)` to the state before the first step, whose
            leaves for more steps are those for fewer with zeros behind, on one axis or none.
        memory: as for `initial_state`.
        max_length: int, the most steps.

    Returns:
        state, and loop as `Search` takes it, of a carry with `step` and `state`.
    """
    few, *_ = lengths_of(max_length)
    first, whole = initial_state(memory, few), initial_state(memory, max_length)
    shapes = [tuple(leaf.shape) for leaf in keras.tree.flatten(whole)]
    if shapes == [tuple(leaf.shape) for leaf in keras.tree.flatten(first)]:
        return whole, ops.while_loop

    def loop(going_on, advance, carry):
        def within(carry):
            return going_on(carry) & (carry["step"] < few)

        carry = ops.while_loop(within, advance, carry)
        carry = carry | {"state": _lengthened(carry["state"], shapes)}
        return ops.while_loop(going_on, advance, carry)

    return first, loop


def _lengthened(state, shapes):
    """The state with zeros behind, in the given shapes but for their first axis."""
    leaves = [
        _with_zeros(leaf, shape)
        for leaf, shape in zip(keras.tree.flatten(state), shapes, strict=True)
    ]
    return keras.tree.pack_sequence_as(state, leaves)


def _with_zeros(leaf, shape):
    axes = [axis for axis in range(1, len(shape)) if leaf.shape[axis] != shape[axis]]
    for axis in axes:
        missing = list(ops.shape(leaf))
        missing[axis] = shape[axis] - leaf.shape[axis]
        leaf = ops.concatenate([leaf, ops.zeros(missing, leaf.dtype)], axis=axis)
    return leaf
