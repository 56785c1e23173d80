"""A search's loop in stages, whose buffers grow from one to the next where shapes are static."""

from __future__ import annotations

import typing
from collections.abc import Callable

from kerasseq.lazily import keras, ops

FIRST, TIMES = 32, 4


def lengths_of(max_length: int) -> list[int]:
    """The positions of each stage: 32, 128, 512 …, and `max_length` where the next would be half
    of it or more."""
    lengths, length = [], FIRST
    while 2 * length <= max_length:
        lengths.append(length)
        length *= TIMES
    return [*lengths, max_length]


def in_stages(
    initial_state: Callable[..., typing.Any], memory: typing.Any, max_length: int
) -> tuple[typing.Any, Callable[..., typing.Any]]:
    """The first state of a search, and its loop.

    A buffer of static length is attended, copied and gathered whole at every step. Most targets
    are far shorter than they may be, so the loop begins with a state for a few steps, and goes on
    with a longer one for those that are not. A state that no length changes, as that of a
    recurrent model or one of open buffers (`kerasseq.tensors.empty_buffer`), has one stage.

    Args:
        initial_state: function `(memory, max_length)` to the state before the first step, whose
            leaves for more steps are those for fewer with zeros behind, on one axis or none.
        memory: as for `initial_state`.
        max_length: int, the most steps.

    Returns:
        state, and loop as `Search` takes it, of a carry with `step` and `state`.
    """
    states = {length: initial_state(memory, length) for length in lengths_of(max_length)}
    shapes = {length: _shapes(state) for length, state in states.items()}
    first, *later = states
    if shapes[first] == shapes[max_length]:
        return states[max_length], ops.while_loop

    def loop(going_on, advance, carry):
        for length in states:
            if length in later:
                carry = carry | {"state": _lengthened(carry["state"], shapes[length])}

            def not_full(carry, length=length):
                return going_on(carry) & (carry["step"] < length)

            carry = ops.while_loop(not_full, advance, carry)
        return carry

    return states[first], loop


def _shapes(state):
    """The static shapes of a state's leaves: a list of tuples, None where one is open."""
    return [tuple(leaf.shape) for leaf in keras.tree.flatten(state)]


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
