"""The base class of the searches, their result, and their helpers."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable

from kerasseq.lazily import keras, ops
from kerasseq.renamed import warn_renamed
from kerasseq.text.checks import check_number, check_whole, is_number

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


class Hypotheses(typing.NamedTuple):
    """The hypotheses that a search found, the best of each source first.

    Attributes:
        tokens: int32 `(B, N, max_length)`, padded with 0; the end symbol is included.
        lengths: int32 `(B, N)`, the number of tokens, including the end symbol.
        scores: float32 `(B, N)`, best first; each search documents its score. With terms those
            with fewer unmet ones come first, whatever their scores.
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


class Options(typing.TypedDict, total=False):
    """The options that every search has; see `Search`."""

    min_length: int
    return_attention: bool
    force_end: bool
    no_repeat_ngram: int
    repetition_penalty: float
    max_length_ratio: float


class Search:
    """Decodes with a step function, independent of the model.

    A hypothesis ends with the end symbol or at `max_length`. A search never chooses padding or the
    start symbol, unless they are given. The result of a source does not depend on the other
    sources of the batch. Of options that contradict each other the greatest length holds.

    Args:
        min_length: int, the minimum number of tokens before the end symbol, as far as
            `max_length_ratio`, `force_end` and `max_length` leave room for them.
        return_attention: bool, whether to return the attention of every step.
        force_end: bool, the last of `max_length` tokens is the end symbol, whatever the model
            says.
        no_repeat_ngram: int `n`, no `n` tokens in a row come twice in a hypothesis (Paulus et al.
            2018, section 2.5); 0 for no such rule.
        repetition_penalty: float `θ` above 0, by which the `log p` of a token that is written
            already is multiplied (Keskar et al. 2019, section 4.1, as transformers' beam search
            computes it); 1 for none. What a target begins with counts as written, and a score
            adds up what was multiplied.
        max_length_ratio: float `r`, a hypothesis has at most `⌈r S⌉` tokens, the last of them the
            end symbol at its own `log p`; `S` counts the source's tokens, its symbols too. 0 for
            no such rule.

    Call arguments:
        decode_step: function `(token (R,), state, memory, step) -> logits (R, V), state,
            attention (R, S)`.
        memory: nested dict of `(B, …)`.
        state: nested dict of `(B, …)`, before the first step.
        start_id: int, the first token.
        end_id: int.
        max_length: int, the maximum number of steps, at least 1.
        prefix: sequence of int, the tokens that every hypothesis begins with; or int32 tensor
            `(B, P)` of those of each source, padded with 0, the first `max_length - 1` of them.
            They count as tokens, and cost nothing.
        source_lengths: int tensor `(B,)`, the tokens of each source, for `max_length_ratio`.
        spread: function `(memory, times)` to the memory that `decode_step` reads for so many
            hypotheses of each source; by default each row so many times, see `Seq2Seq.spread`.
        loop: function `(going_on, advance, carry)` to the last carry, which calls `advance` while
            `going_on`; that of `keras.ops` by default, see `kerasseq.tasks.stream`.

    Returns:
        Hypotheses.

    Raises:
        ValueError: for a number outside its range; when called, for a `max_length` that is not
            above the prefix, or for an option that needs attention when the model has none.
    """

    count_name: typing.ClassVar[str] = ""  # the option that says how many hypotheses it gives

    def __init__(
        self,
        min_length: int = 0,
        return_attention: bool = False,
        force_end: bool = False,
        *,
        no_repeat_ngram: int = 0,
        repetition_penalty: float = 1.0,
        max_length_ratio: float = 0.0,
    ) -> None:
        check_whole("min_length", min_length, least=0)
        check_whole("no_repeat_ngram", no_repeat_ngram, least=0)
        check_number("max_length_ratio", max_length_ratio, least=0)
        if not is_number(repetition_penalty) or repetition_penalty <= 0:
            raise ValueError(
                f"Expected a repetition_penalty above 0; received {repetition_penalty!r}. Leave it "
                "out not to want any."
            )
        self.min_length = min_length
        self.return_attention = return_attention
        self.force_end = force_end
        self.no_repeat_ngram = no_repeat_ngram
        self.repetition_penalty = repetition_penalty
        self.max_length_ratio = max_length_ratio

    def __repr__(self) -> str:
        """The call that makes it, with what is not by default."""
        shared, own = (inspect.signature(each).parameters for each in (Search, type(self)))
        usual = {**shared, **own}
        given = [
            f"{name}={value!r}"
            for name, value in self.get_config().items()
            if name not in usual or value != usual[name].default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    @property
    def count(self) -> int:
        """How many hypotheses it gives of each source, at most."""
        return getattr(self, self.count_name) if self.count_name else 1

    def get_config(self) -> dict[str, typing.Any]:
        """The constructor's arguments."""
        return {name: getattr(self, name) for name in Options.__annotations__}

    def replace(self, **options: typing.Any) -> typing.Self:
        """A copy of the search with some of its arguments changed."""
        return type(self)(**(self.get_config() | options))

    def all_best(self) -> typing.Self:
        """Returns a search that gives every hypothesis it keeps to the end."""
        return self

    def widened(self, count: int) -> typing.Self:
        """Returns a search that gives the `count` (int) best of what it finds, or all it keeps.

        Raises:
            ValueError: for a search that keeps fewer, whatever its options.
        """
        if count != 1:
            raise ValueError(
                f"Expected a beam or sampling for n_best={count}; received {self!r}, which finds "
                'one hypothesis. Pass search="beam".'
            )
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


def while_loop(
    going_on: Callable[..., typing.Any], advance: Callable[..., typing.Any], carry: typing.Any
) -> typing.Any:
    """The loop of a search, of `keras.ops`; see `Search`."""
    return ops.while_loop(going_on, advance, carry)


def batch_size(memory: typing.Any) -> typing.Any:
    """The number of rows `B` of a memory, an int or a scalar tensor."""
    return ops.shape(keras.tree.flatten(memory)[0])[0]


def source_mask(memory: typing.Any) -> Tensor | None:
    """The bool `(B, S)` of a memory, True for real positions of the source; None without one."""
    leaves = keras.tree.flatten_with_path(memory)
    return next((leaf for path, leaf in leaves if path[-1] == "mask"), None)


def check_beam(size: int, tokens: int) -> None:
    """Raises an error for a beam of more hypotheses than there are tokens."""
    if size > tokens:  # and so all tokens are candidates
        raise ValueError(
            f"Expected a beam no larger than the vocabulary; received beam_size={size} and "
            f"{tokens} tokens. Lower beam_size."
        )
