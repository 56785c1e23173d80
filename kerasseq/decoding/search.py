"""The base class of the searches, their result, and their helpers."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from kerasseq.decoding.largest import largest
from kerasseq.decoding.ranks import pick
from kerasseq.renamed import warn_renamed
from kerasseq.tensors import PAD_ID

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor

NEVER = -1e9
MOST_FORBIDDEN = 3  # padding, the start symbol, and the end symbol before min_length
NOT_GIVEN = -1


class Hypotheses(typing.NamedTuple):
    """The hypotheses that a search found, the best of each source first.

    Attributes:
        tokens: int32 `(B, N, max_length)`, padded with 0; the end symbol is included.
        lengths: int32 `(B, N)`, the number of tokens, including the end symbol.
        scores: float32 `(B, N)`, best first; each search documents its score.
        attention: float32 `(B, N, max_length, S)`, or None without `return_attention`.
    """

    tokens: typing.Any
    lengths: typing.Any
    scores: typing.Any
    attention: typing.Any

    def present(self) -> dict[str, Tensor]:
        """A dict of the attributes that are not None."""
        return {name: leaf for name, leaf in self._asdict().items() if leaf is not None}

    def to_numpy(self) -> Hypotheses:
        """A copy with NumPy arrays."""
        return Hypotheses(*(None if leaf is None else ops.convert_to_numpy(leaf) for leaf in self))


class Search:
    """Decodes with a step function, independent of the model.

    A hypothesis ends with the end symbol or at `max_length`. A search never chooses padding or the
    start symbol. The result of a source does not depend on the other sources of the batch.

    Args:
        min_length: int, the minimum number of tokens before the end symbol.
        return_attention: bool, whether to return the attention of every step.
        force_end: bool, the last of `max_length` tokens is the end symbol, whatever the model
            says.

    Call arguments:
        decode_step: function `(token (R,), state, memory, step) -> logits (R, V), state,
            attention (R, S)`.
        memory: nested dict of `(B, …)`.
        state: nested dict of `(B, …)`, before the first step.
        start_id: int, the first token.
        end_id: int.
        max_length: int, the maximum number of steps, at least 1.
        prefix: sequence of int, the tokens that every hypothesis begins with; they count as
            tokens, and cost nothing.
        spread: function `(memory, times)` to the memory that `decode_step` reads for so many
            hypotheses of each source; by default each row so many times, see `Seq2Seq.spread`.

    Returns:
        Hypotheses.

    Raises:
        ValueError: for a `min_length` below 0; when called, for a `max_length` that is not above
            the prefix, or for an option that needs attention when the model has none.
    """

    def __init__(
        self, min_length: int = 0, return_attention: bool = False, force_end: bool = False
    ) -> None:
        if min_length < 0:
            raise ValueError(f"Expected min_length of 0 or more; received {min_length}.")
        self.min_length = min_length
        self.return_attention = return_attention
        self.force_end = force_end

    def __repr__(self) -> str:
        """The call that makes it, with what is not by default."""
        usual = inspect.signature(type(self)).parameters
        given = [
            f"{name}={value!r}"
            for name, value in self.get_config().items()
            if name not in usual or value != usual[name].default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def candidates(
        self, logits: Tensor, count: int, step: Tensor, start_id: int, end_id: int
    ) -> tuple[Tensor, Tensor]:
        """The most probable next tokens, the `count` best of those that may come among them.

        Args:
            logits: float tensor `(R, V)`.
            count: int; 0 for all tokens.
            step, start_id, end_id: as they are in the search.

        Returns:
            `log p` and int32 ids, each `(R, M)` with `M` of `count` or more, or `V`. They fall,
            but those of tokens that may not come are about -1e9, wherever these stand.
        """
        logits = ops.cast(logits, "float32")
        width = logits.shape[-1]
        best, ids = largest(logits, min(count + MOST_FORBIDDEN, width) if count else width)
        forbidden = ops.equal(ids, PAD_ID)
        if start_id != end_id:  # some models begin with what ends a target
            forbidden |= ops.equal(ids, start_id)
        if self.min_length:
            forbidden |= ops.equal(ids, end_id) & (step < self.min_length)
        # log Σ exp z from the best token's p: runtimes have a fast softmax, and p is at least 1/V.
        p = pick(ops.softmax(logits, axis=-1), ids[:, :1])
        log_p = best - (best[:, :1] - ops.log(p))
        return log_p + NEVER * ops.cast(forbidden, "float32"), ids

    def given_tokens(
        self,
        decode_step: Callable[..., typing.Any],
        prefix: Sequence[int],
        end_id: int,
        max_length: int,
    ) -> Callable[..., typing.Any]:
        """`decode_step`, but that a token which is given is the only one at its step.

        Raises:
            ValueError: for a `max_length` that leaves no step after the prefix.
        """
        if max_length <= len(prefix):
            raise ValueError(
                f"Expected max_length of at least {len(prefix) + 1} "
                f"{'steps, one after the prefix' if len(prefix) else 'step'}; received "
                f"{max_length}. Raise it."
            )
        tokens = np.full(max_length, NOT_GIVEN, "int32")
        tokens[: len(prefix)] = prefix
        if self.force_end:
            tokens[-1] = end_id
        if np.all(tokens == NOT_GIVEN):
            return decode_step

        def step_to_given(token, state, memory, step):
            logits, state, attention = decode_step(token, state, memory, step)
            given = ops.take(tokens, step, axis=0)  # ()
            ids = ops.arange(logits.shape[-1], dtype="int32")
            alone = ops.where(ops.equal(ids, given), 0.0, NEVER)[None]  # (1, V)
            logits = ops.where(given == NOT_GIVEN, ops.cast(logits, "float32"), alone)
            return logits, state, attention

        return step_to_given

    def get_config(self) -> dict[str, typing.Any]:
        """The constructor's arguments."""
        return {
            "min_length": self.min_length,
            "return_attention": self.return_attention,
            "force_end": self.force_end,
        }

    def replace(self, **options: typing.Any) -> typing.Self:
        """A copy of the search with some of its arguments changed."""
        return type(self)(**(self.get_config() | options))

    def all_best(self) -> typing.Self:
        """Returns a search that gives every hypothesis it keeps to the end."""
        return self

    def changed(self, **options: typing.Any) -> typing.Self:
        """The former name of `replace`."""
        warn_renamed("Search.changed", "Search.replace")
        return self.replace(**options)

    @classmethod
    def from_config(cls, config: dict[str, typing.Any]) -> typing.Self:
        """A search from what `get_config` returned."""
        return cls(**config)


def no_attention_yet(
    decode_step: Callable[..., typing.Any],
    token: Tensor,
    state: typing.Any,
    memory: typing.Any,
    step: Tensor,
) -> Tensor:
    """Zeros like the attention `(R, S)` of one step.

    Raises:
        ValueError: for the step of a model that does not attend.
    """
    _, _, attention = decode_step(token, state, memory, step)
    check_attends(attention is not None)
    return ops.zeros_like(attention)


def check_attends(attends: bool) -> None:
    """Raises an error when an option needs attention and the model has none (attends=False)."""
    if not attends:
        raise ValueError(
            "Expected a model that attends with return_attention=True or a coverage_penalty; "
            "received one without attention. Leave return_attention False and coverage_penalty 0."
        )


def batch_size(memory: typing.Any) -> typing.Any:
    """The number of rows `B` of a memory, an int or a scalar tensor."""
    return ops.shape(keras.tree.flatten(memory)[0])[0]
