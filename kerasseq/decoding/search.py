"""What every search shares."""

import typing

import keras
from keras import ops

from kerasseq.tensors import PAD_ID

NEVER = -1e9


class Decoded(typing.NamedTuple):
    """What a search found, the best hypothesis of a row first.

    Attributes:
        tokens: int32 `(B, N, max_length)`, padded with 0, with the end symbol when reached.
        lengths: int32 `(B, N)`, tokens of each, the end symbol counted.
        scores: float32 `(B, N)`, best first; see each search for what they measure.
        attention: float32 `(B, N, max_length, S)`, or None when it was not asked for.
    """

    tokens: typing.Any
    lengths: typing.Any
    scores: typing.Any
    attention: typing.Any

    def present(self):
        """A dict of the attributes that are not None."""
        return {name: leaf for name, leaf in self._asdict().items() if leaf is not None}

    def to_numpy(self):
        """The same as NumPy arrays."""
        return Decoded(*(None if leaf is None else ops.convert_to_numpy(leaf) for leaf in self))


class Search:
    """Decodes with a step function; it knows no model.

    A hypothesis ends with the end symbol, or is kept as it is at `max_length`. Padding and the
    start symbol are never chosen. What a row gets does not depend on the other rows.

    Args:
        min_length: int, the end symbol is not chosen before this many other tokens.
        return_attention: bool, whether to keep the attention of every step.

    Call arguments:
        decode_step: function `(token (R,), state, memory, step) -> logits (R, V), state,
            attention (R, S)`.
        memory: nested dict of `(B, …)`.
        state: nested dict of `(B, …)`, before the first step.
        start_id: int, the first token.
        end_id: int.
        max_length: int, the most steps, at least 1.

    Returns:
        Decoded.

    Raises:
        ValueError: for a `min_length` below 0; when called, for a `max_length` below 1, or what
            needs the attention of a model that has none.
    """

    def __init__(self, min_length=0, return_attention=False):
        if min_length < 0:
            raise ValueError(f"Expected min_length of 0 or more; received {min_length}.")
        self.min_length = min_length
        self.return_attention = return_attention

    def log_probabilities(self, logits, step, start_id, end_id):
        """`log p` `(R, V)`, with what may not come next at -1e9."""
        ids = ops.arange(logits.shape[-1])
        forbidden = ops.equal(ids, PAD_ID) | ops.equal(ids, start_id)
        if self.min_length:
            forbidden |= ops.equal(ids, end_id) & (step < self.min_length)
        return ops.log_softmax(logits, axis=-1) + ops.where(forbidden, NEVER, 0.0)[None]

    def get_config(self):
        """The constructor's arguments."""
        return {"min_length": self.min_length, "return_attention": self.return_attention}

    def changed(self, **options):
        """The same search with some of its arguments changed."""
        return type(self)(**(self.get_config() | options))

    def all_best(self):
        """The same search with every hypothesis returned that it ends with."""
        return self

    @classmethod
    def from_config(cls, config):
        """A search from what `get_config` returned."""
        return cls(**config)


def no_attention_yet(decode_step, token, state, memory, step):
    """Zeros like the attention `(R, S)` of one step.

    Raises:
        ValueError: for the step of a model that does not attend.
    """
    _, _, attention = decode_step(token, state, memory, step)
    check_attends(attention is not None)
    return ops.zeros_like(attention)


def check_attends(attends):
    """Refuses, with attends=False, what needs the attention of a model that has none."""
    if not attends:
        raise ValueError(
            "Expected a model that attends with return_attention=True or a coverage_penalty; "
            "received one without attention. Leave return_attention False and coverage_penalty 0."
        )


def flat_ranks(ranks, rows, width):
    """Ranks `(B, M)` within rows of `width` to indices of the flattened rows, `(B * M,)`."""
    first = ops.arange(rows, dtype="int32")[:, None] * width
    return ops.reshape(first + ops.cast(ranks, "int32"), (-1,))


def batch_size(memory):
    """The number of rows `B` of a memory, an int or a scalar tensor."""
    return ops.shape(keras.tree.flatten(memory)[0])[0]


def check_max_length(max_length):
    """Refuses a search without a step."""
    if max_length < 1:
        raise ValueError(f"Expected max_length of at least 1 step; received {max_length}.")
