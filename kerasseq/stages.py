"""A search's loop in stages, with short buffers and then longer ones, where shapes are static."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable

from kerasseq.lazily import keras, ops

FEW = 16  # positions of the first stage


def lengths_of(max_length: int) -> list[int]:
    """The positions of each stage: 16, as many times more, and `max_length`; of these the ones that
    have at least twice those before."""
    if max_length < 2 * FEW:
        return [max_length]
    between = [math.isqrt(FEW * max_length)] if max_length >= 4 * FEW else []
    return [FEW, *between, max_length]


def in_stages(
    initial_state: Callable[..., typing.Any], memory: typing.Any, max_length: int
) -> tuple[typing.Any, Callable[..., typing.Any]]:
    """The first state of a search, and its loop.

    A buffer of static length is attended, copied and gathered whole at every step. Most targets
    are far shorter than they may be, so the loop begins with a state for a few steps, and those
    that are not go on with a longer one, and with one for all steps. What is not needed does not
    run, nor is its state made; but each stage is a copy of the step, whose weights a phone's
    runtime packs once more. A state that no length changes, as that of a recurrent model or one of
    open buffers (`kerasseq.tensors.empty_buffer`), has one stage.

    Args:
        initial_state: function `(memory, max_length)` to the state before the first step, whose
            leaves for more steps are those for fewer with zeros behind, on one axis or none.
        memory: as for `initial_state`.
        max_length: int, the most steps.

    Returns:
        state, and loop as `Search` takes it, of a carry with `step` and `state`; of several stages
        it returns the last carry without the state.
    """
    lengths = lengths_of(max_length)
    states = [initial_state(memory, length) for length in lengths]
    shapes = [[tuple(leaf.shape) for leaf in keras.tree.flatten(state)] for state in states]
    if shapes[0] == shapes[-1]:
        return states[-1], ops.while_loop

    def loop(going_on, advance, carry, stage=0):
        def within(carry):
            return going_on(carry) & (carry["step"] < lengths[stage])

        def longer():
            state = _lengthened(carry["state"], shapes[stage + 1])
            return loop(going_on, advance, carry | {"state": state}, stage + 1)

        last = stage + 1 == len(lengths)
        carry = ops.while_loop(going_on if last else within, advance, carry)
        found = {name: leaf for name, leaf in carry.items() if name != "state"}
        return found if last else ops.cond(going_on(carry), longer, lambda: found)

    return states[0], loop


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
