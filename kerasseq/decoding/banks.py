"""The places of a beam, shared out among hypotheses by how many terms they have."""

from __future__ import annotations

import typing

from kerasseq.decoding.next_tokens import NEVER
from kerasseq.decoding.ranks import pick
from kerasseq.lazily import ops

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


def banked(
    scores: Tensor, ends: Tensor, met: Tensor, begun: Tensor, goes_on: Tensor, late: Tensor,
    total: Tensor, most: typing.Any, size: int, room: int,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Chooses what stays in a beam whose places are shared out among banks.

    A bank holds the hypotheses with as many terms. Each of the `total + 1` banks of a source has
    as many places; those that are left over or not taken go round among the banks, to the best
    others of each (Hokamp and Liu 2017; Post and Vilar 2018). Of a bank's places half, one at
    least, are for hypotheses that have its terms once the one within which they are is whole:
    among these what goes on comes before what begins, which is likelier and would take its place
    again and again. They may have a place by their score too, in the bank below. Where more have
    a place than there are, those of the higher banks keep it; but what has no room left for its
    terms gives way to all that have a place and have room.

    Args:
        scores: float32 `(B, N)` of candidates.
        ends: bool `(B, N)`, whether a candidate ends its hypothesis.
        met: int32 `(B, N)`, how many terms it has.
        begun: bool `(B, N)`, whether it is within another.
        goes_on: bool `(B, N)`, whether it goes on with one that was begun.
        late: bool `(B, N)`, whether too little room is left for what it has not.
        total: int32 `(B,)`, the terms of each source.
        most: int, the most that a source could have.
        size: int `K`.
        room: int, how many of the places a source without terms has not.

    Returns:
        the places `(B, 2 K)` of the `K` candidates that go on, and of `K` that end, among the
        best `K` of their bank; and bool `(B, 2 K)`, False where there is none such.
    """
    count = ops.shape(scores)[1]
    scores, order = ops.top_k(scores, count)  # the best first
    order = ops.cast(order, "int32")
    ends, met, begun, goes_on, late = pick((ends, met, begun, goes_on, late), order)
    real = scores > NEVER / 2
    begun, goes_on = begun & real & ~ends, goes_on & real & ~ends
    numbers = ops.arange(most + 1, dtype="int32")
    own = ops.equal(met[:, :, None], numbers)  # (B, N, most + 1), the bank of each

    def rank(mask):  # int32 (B, N), how many of a mask stand before, in the same bank
        inside = ops.cast(own & mask[:, :, None], "int32")
        before = ops.cumsum(inside, axis=1) - inside
        return ops.sum(ops.where(own, before, 0), axis=-1)

    def number(mask):  # int32 (B, N), how many of a mask are in the same bank
        all_of = ops.sum(ops.cast(own & mask[:, :, None], "int32"), axis=1, keepdims=True)
        return ops.sum(ops.where(own, all_of, 0), axis=-1)

    rank_begun = ops.where(goes_on, rank(goes_on), number(goes_on) + rank(begun & ~goes_on))
    total = total[:, None]
    own_places = size - room * ops.cast(ops.equal(total, 0), "int32")  # (B, 1)
    each = ops.maximum(size // (total + 1), 1)
    half = ops.maximum(each // 2, 1)  # of a bank's places, for what is begun; of none in the first
    rank_going = rank(~ends)
    by_score = real & (rank_going < ops.maximum(each - ops.where(met > 0, half, 0), 1))
    by_phrase = begun & (rank_begun < half)
    # The best first; those that have a place before all others, and of them the highest bank.
    tier = ops.maximum(
        ops.where(by_score, 1 + 2 * met, 0), ops.where(by_phrase, 4 + 2 * met, 0)
    )  # (B, N)
    tier = tier + ops.where((tier > 0) & ~late, 5 + 2 * most, 0)
    place = ops.where(tier > 0, -tier, 1 + rank_going)
    ending = real & ends & (rank(real) < own_places)
    # Equal numbers stay in their order, the best first.
    first = ops.argsort(ops.where(ends, 1 + count, place))[:, :size]
    last = ops.top_k(ops.where(ending, count - ops.arange(count, dtype="int32"), -1), size)[1]
    chosen = [ops.cast(ops.reshape(each, (-1, size)), "int32") for each in (first, last)]
    chosen = ops.concatenate(chosen, axis=1)  # (B, 2 K)
    going_on, ending, places = pick((~ends, ending, order), chosen)
    numbers = ops.arange(2 * size, dtype="int32")[None]
    return places, ops.where(numbers < size, going_on & (numbers < own_places), ending)
