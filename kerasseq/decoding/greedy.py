"""Greedy search."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

from kerasseq.decoding.next_tokens import NextTokens
from kerasseq.decoding.ranks import flat_ranks, pick
from kerasseq.decoding.search import (
    Hypotheses,
    Search,
    batch_size,
    no_attention_yet,
    while_loop,
)
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID, repeat_rows, write_at

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


class Greedy(Search):
    """Takes the most probable token at every step.

    Each source gets one hypothesis. Its score is the sum of `log p` over its tokens. Arguments
    as `Search`.
    """

    def __call__(
        self,
        decode_step: Callable[..., typing.Any],
        memory: typing.Any,
        state: typing.Any,
        start_id: int,
        end_id: int,
        max_length: int,
        prefix: Sequence[int] | Tensor = (),
        *,
        source_lengths: Tensor | None = None,
        spread: Callable[..., typing.Any] = repeat_rows,
        loop: Callable[..., typing.Any] = while_loop,
    ) -> Hypotheses:
        following = NextTokens(self, start_id, end_id, max_length, prefix, source_lengths)
        rows, memory = batch_size(memory), spread(memory, 1)

        def choose(log_p, step):
            # top_k, because TFLite lacks the operation behind Keras' argmax.
            return ops.top_k(log_p, 1)[1]

        return roll_out(following, 1, choose, decode_step, memory, state, max_length, rows, 1, loop)


def roll_out(
    following: NextTokens,
    count: int,
    choose: Callable[[Tensor, Tensor], Tensor],
    decode_step: Callable[..., typing.Any],
    memory: typing.Any,
    state: typing.Any,
    max_length: int,
    rows: typing.Any,
    samples: int,
    loop: Callable[..., typing.Any] = while_loop,
) -> Hypotheses:
    """Runs independent hypotheses together, `samples` for each of `rows` sources.

    Args:
        following: NextTokens of the search.
        count: int, of the best tokens that `choose` has its choice of; 0 for all.
        choose: function `(log_p (R, M), step) -> ranks (R, 1)` from the `log p` of candidates to
            places among them, `R = rows * samples`; see `NextTokens.candidates`.
        decode_step, memory, state, max_length, loop: as for `Search`, with `R` rows.

    Returns:
        Hypotheses with `N = samples`, the best hypothesis of a source first.
    """
    total, return_attention = rows * samples, following.search.return_attention
    carry = {
        "step": ops.convert_to_tensor(0, "int32"),
        "token": ops.full((total,), following.start_id, "int32"),
        "tokens": ops.full((total, max_length), PAD_ID, "int32"),
        "finished": ops.zeros((total,), "bool"),
        "scores": ops.zeros((total,), "float32"),
        "state": state,
    }
    if return_attention:
        nothing = no_attention_yet(decode_step, carry["token"], state, memory, carry["step"])
        carry["attention"] = ops.repeat(nothing[:, None], max_length, axis=1)

    def going_on(carry):
        return (carry["step"] < max_length) & ~ops.all(carry["finished"])

    def advance(carry):
        step, finished = carry["step"], carry["finished"]
        # logits (R, V), attention (R, S)
        logits, state, attention = decode_step(carry["token"], carry["state"], memory, step)
        log_p, ids = following.candidates(logits, count, carry["tokens"], step)  # (R, M)
        gained, token = pick((log_p, ids), choose(log_p, step))  # (R, 1)
        gained, token = gained[:, 0], ops.where(finished, PAD_ID, token[:, 0])
        new = {
            "step": step + 1,
            "token": token,
            "tokens": write_at(carry["tokens"], token[:, None], step),
            "finished": finished | ops.equal(token, following.end_id),
            "scores": carry["scores"] + ops.where(finished, 0.0, gained),
            "state": state,
        }
        if return_attention:
            kept = ops.where(finished[:, None], 0.0, attention)[:, None]  # (R, 1, S)
            new["attention"] = write_at(carry["attention"], kept, step)
        return new

    carry = loop(going_on, advance, carry)
    scores, ranks = ops.top_k(ops.reshape(carry["scores"], (rows, samples)), samples)  # (B, N)
    order = flat_ranks(ranks, rows, samples)  # (R,)

    def by_source(leaf):  # (R, …) to (B, N, …), best first
        return ops.reshape(ops.take(leaf, order, axis=0), (rows, samples, *ops.shape(leaf)[1:]))

    tokens = by_source(carry["tokens"])
    lengths = ops.sum(ops.cast(ops.not_equal(tokens, PAD_ID), "int32"), axis=-1)
    attention = by_source(carry["attention"]) if return_attention else None
    return Hypotheses(tokens, lengths, scores, attention)
