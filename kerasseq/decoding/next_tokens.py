"""What may come next in a hypothesis: the model's opinion, and the rules of a search."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from kerasseq.decoding.largest import largest
from kerasseq.decoding.ranks import pick
from kerasseq.decoding.repetition import penalised, repeated_ngrams
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Search
    from kerasseq.tensors import Tensor

NEVER = -1e9
MOST_FORBIDDEN = 3  # padding, the start symbol, and the end symbol before min_length


class NextTokens:
    """The tokens that may come next, for one run of a search.

    The model's `log p` go through the search's rules in this order, and of two that contradict
    each other the later one holds: the repetition penalty, the tokens and n-grams that may not
    come and the least length, the greatest length, and the given tokens. A rule that is off is
    not in the graph. `R` is `times` hypotheses of each of `B` sources, side by side.

    Args:
        search: Search, whose rules apply.
        start_id, end_id, max_length, prefix, source_lengths: as for `Search`.
        times: int, hypotheses of each source.

    Raises:
        ValueError: for a `max_length` that leaves no step after the prefix, or a
            `max_length_ratio` without `source_lengths`.
    """

    def __init__(
        self,
        search: Search,
        start_id: int,
        end_id: int,
        max_length: int,
        prefix: Sequence[int] | Tensor = (),
        source_lengths: Tensor | None = None,
        times: int = 1,
    ) -> None:
        self.search = search
        self.start_id = start_id
        self.end_id = end_id
        self.max_length = max_length
        self.times = times
        self.given: Tensor | None = _given(search, end_id, max_length, prefix, times)
        self.limits: Tensor | None = _limits(search, source_lengths, times)
        self.ngram: int = search.no_repeat_ngram if search.no_repeat_ngram <= max_length else 0
        self.has_rules: bool = (
            self.given is not None
            or self.limits is not None
            or bool(self.ngram)
            or search.repetition_penalty != 1.0
        )

    def given_at(self, step: Tensor) -> Tensor:
        """The token `(R or 1, 1)` that is given at a step, int32; 0 for none."""
        if self.given is None:
            return ops.full((1, 1), PAD_ID, "int32")
        return ops.take(self.given, step, axis=1)[:, None]

    def free(self, step: Tensor) -> Tensor:
        """Whether no token is given at a step: bool `(B or 1, 1, 1)`."""
        return ops.equal(self.given_at(step)[:: self.times, :, None], PAD_ID)

    def first_free(self, max_length: int) -> Tensor:
        """The first position `(R or 1, 1)`, int32, whose token is not given."""
        if self.given is None:
            return ops.zeros((1, 1), "int32")
        begun = ops.not_equal(self.given[:, : max_length - 1], PAD_ID)  # all but a forced end
        return ops.sum(ops.cast(begun, "int32"), axis=1, keepdims=True)

    def left(self, step: Tensor) -> Tensor:
        """How many tokens may come behind the one at a step, but a forced end: int32
        `(B or 1, 1, 1)`."""
        most = ops.reshape(self.max_length - 1 - self.search.force_end - step, (1, 1, 1))
        if self.limits is None:
            return most
        limits = ops.reshape(self.limits, (-1, self.times, 1))[:, :1]  # (B, 1, 1)
        return ops.minimum(most, limits - 2 - step)

    def candidates(
        self,
        logits: Tensor,
        count: int,
        tokens: Tensor,
        step: Tensor,
        also: Tensor | None = None,
        never: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The most probable next tokens, the `count` best of those that may come among them.

        Args:
            logits: float tensor `(R, V)`.
            count: int; 0 for all tokens.
            tokens: int32 `(R, max_length)`, what is written, padded with 0.
            step: as it is in the search.
            also: int32 `(R, P)`, tokens that are wanted whatever their `log p`, padded with 0.
            never: bool `(R, V)`, tokens that may not come.

        Returns:
            `log p` and int32 ids, each `(R, M)` with `M` of `count` or more, or `V`. They fall,
            but those of tokens that may not come are about -1e9, wherever these stand. Behind
            them stand the `P` others, at -1e9 where a token stands before already.
        """
        logits = ops.cast(logits, "float32")
        width = logits.shape[-1]
        most = min(count + MOST_FORBIDDEN, width) if count else width
        # log Σ exp z from the best token's p: runtimes have a fast softmax, and p is at least 1/V.
        if self.has_rules or never is not None:
            p = ops.max(ops.softmax(logits, axis=-1), axis=-1, keepdims=True)  # (R, 1)
            log_p = logits - (ops.max(logits, axis=-1, keepdims=True) - ops.log(p))  # (R, V)
            every, norm = self.ruled(log_p, tokens, step, never), 0.0
            log_p, ids = largest(every, most)
        else:
            best, ids = largest(logits, most)
            p = pick(ops.softmax(logits, axis=-1), ids[:, :1])
            every, norm = logits, best[:, :1] - ops.log(p)
            log_p = best - norm
        if also is not None:
            others = pick(every, also) - norm + NEVER * ops.cast(_known(ids, also), "float32")
            log_p, ids = (ops.concatenate(pair, axis=1) for pair in ((log_p, others), (ids, also)))
        forbidden = ops.equal(ids, PAD_ID)
        if self.start_id != self.end_id:  # some models begin with what ends a target
            forbidden |= ops.equal(ids, self.start_id)
        if least := self.search.min_length:
            if self.limits is not None:
                least = ops.minimum(least, self.limits - 1)  # (R, 1)
            forbidden |= ops.equal(ids, self.end_id) & (step < least)
        if self.given is not None:
            forbidden &= ops.not_equal(ids, self.given_at(step)) | ops.equal(ids, PAD_ID)
        return log_p + NEVER * ops.cast(forbidden, "float32"), ids

    def ruled(
        self, log_p: Tensor, tokens: Tensor, step: Tensor, never: Tensor | None = None
    ) -> Tensor:
        """`log p` `(R, V)` by the rules; the other arguments as for `candidates`."""
        ids = ops.arange(log_p.shape[-1], dtype="int32")[None]  # (1, V)
        if self.search.repetition_penalty != 1.0:
            log_p = penalised(log_p, tokens, self.start_id, self.search.repetition_penalty)
        if self.ngram:
            again = repeated_ngrams(tokens, step, self.ngram, log_p.shape[-1])  # (R, V)
            never = again if never is None else never | again
        if self.limits is not None:
            late, others = step >= self.limits - 1, ops.not_equal(ids, self.end_id)
            never = late & others if never is None else ops.where(late, others, never)  # (R, V)
        if never is not None:
            log_p = log_p + NEVER * ops.cast(never, "float32")
        if self.given is not None:
            given = self.given_at(step)  # (R or 1, 1)
            alone = NEVER * ops.cast(ops.not_equal(ids, given), "float32")  # (R, V)
            log_p = ops.where(ops.equal(given, PAD_ID), log_p, alone)
        return log_p


def _known(ids, also):
    """Bool `(R, P)`: tokens of `also` `(R, P)` that stand in ids `(R, M)`, or before in `also`."""
    inside = ops.any(ops.equal(also[:, :, None], ids[:, None]), axis=-1)
    numbers = ops.arange(ops.shape(also)[1], dtype="int32")
    earlier = numbers[None, :, None] > numbers[None, None]
    return inside | ops.any(ops.equal(also[:, :, None], also[:, None]) & earlier, axis=-1)


def _given(search, end_id, max_length, prefix, times):
    """The tokens `(R or 1, max_length)` that are given, 0 where none is; None for none at all."""
    if len(getattr(prefix, "shape", ())) == 2:  # of each source
        rows = ops.shape(prefix)[0]
        last = ops.full((rows, 1), end_id if search.force_end else PAD_ID, "int32")
        rest = ops.full((rows, max_length - 1), PAD_ID, "int32")
        before = ops.concatenate([prefix, rest], axis=1)[:, : max_length - 1]
        return ops.repeat(ops.concatenate([before, last], axis=1), times, axis=0)
    if max_length <= len(prefix):
        raise ValueError(
            f"Expected max_length of at least {len(prefix) + 1} "
            f"{'steps, one after the prefix' if len(prefix) else 'step'}; received "
            f"{max_length}. Raise it."
        )
    tokens = np.full((1, max_length), PAD_ID, "int32")
    tokens[0, : len(prefix)] = prefix
    if search.force_end:
        tokens[0, -1] = end_id
    return tokens if tokens.any() else None


def _limits(search, source_lengths, times):
    """The most tokens `(R, 1)` of each hypothesis; None without a `max_length_ratio`."""
    if not search.max_length_ratio:
        return None
    if source_lengths is None:
        raise ValueError(
            "Expected a source of tokens with max_length_ratio; received another, which has no "
            "length. Leave it 0, and lower max_length."
        )
    product = search.max_length_ratio * ops.cast(source_lengths, "float32")  # (B,)
    # A product that is whole may come out a little above it.
    limits = ops.maximum(ops.cast(ops.ceil(product - 1e-3), "int32"), 1)
    return ops.repeat(limits, times, axis=0)[:, None]
