"""The places of a beam, shared out among hypotheses by how many terms they have."""

from __future__ import annotations

import typing

from kerasseq.decoding.next_tokens import NEVER
from kerasseq.decoding.ranks import pick
from kerasseq.lazily import ops

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


def banked(
    scores: Tensor, ends: Tensor, met: Tensor, begun: Tensor, goes_on: Tensor, total: Tensor,
    size: int,
    room: int,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Chooses what stays in a beam whose places are shared out among banks.

    A bank holds the hypotheses with as many terms. Each of the `total + 1` banks of a source has
    as many places, the last what is left over; places that are not taken go to the best others
    (Hokamp and Liu 2017; Post and Vilar 2018). Of a bank's places half, one at least, are for
    hypotheses that have its terms once the one within which they are is whole: among these what
    goes on comes before what begins, which is likelier and would take its place again and again.
    They may have a place by their score too, in the bank below. Where more have a place than
    there are, those of the higher banks keep it.

    Args:
        scores: float32 `(B, N)` of candidates.
        ends: bool `(B, N)`, whether a candidate ends its hypothesis.
        met: int32 `(B, N)`, how many terms it has.
        begun: bool `(B, N)`, whether it is within another.
        goes_on: bool `(B, N)`, whether it goes on with one that was begun.
        total: int32 `(B,)`, the terms of each source.
        size: int `K`.
        room: int, how many of the places a source without terms has not.

    Returns:
        the places `(B, 2 K)` of the `K` candidates that go on, and of `K` that end, among the
        best `K` of their bank; and bool `(B, 2 K)`, False where there is none such.
    """
    count = ops.shape(scores)[1]
    numbers = ops.arange(count, dtype="int32")
    one, other = scores[:, :, None], scores[:, None]
    tied = ops.equal(one, other) & (numbers[None, :, None] > numbers[None, None])
    better = (other > one) | tied  # (B, N, N), that the second is better than the first
    real = scores > NEVER / 2
    alike = ops.equal(met[:, :, None], met[:, None])
    going = ~ends[:, None]
    rank = _count(better & alike)  # (B, N), of its bank
    rank_going = _count(better & alike & going)
    begun, goes_on = begun & real & ~ends, goes_on & real & ~ends
    first, then = goes_on[:, None], goes_on[:, :, None]
    before = (first & ~then) | (better & ops.equal(first, then))
    rank_begun = _count(before & alike & begun[:, None])

    total = total[:, None]
    own = size - room * ops.cast(ops.equal(total, 0), "int32")  # (B, 1)
    each = ops.maximum(size // (total + 1), 1)
    left = ops.maximum(size - each * (total + 1), 0)

    def shares(bank):  # of a bank (B, N), and of them those of what is begun
        every = each + ops.where(ops.equal(bank, total), left, 0)
        return every, ops.where(bank > 0, ops.maximum(every // 2, 1), 0)

    every, kept = shares(met)
    by_score = real & (rank_going < ops.maximum(every - kept, 1))
    by_phrase = begun & (rank_begun < shares(met + 1)[1])
    # The best first; those that have a place before all others, and of them the highest bank.
    tier = ops.maximum(
        ops.where(by_score, 1 + 2 * met, 0), ops.where(by_phrase, 4 + 2 * met, 0)
    )  # (B, N)
    key = count - _count(better)  # (B, N), above 0
    ending = real & ends & (rank < own)
    chosen = [
        ops.top_k(key, size)[1]
        for key in (ops.where(ends, -1, key + count * tier), ops.where(ending, key, -1))
    ]
    chosen = ops.cast(ops.concatenate(chosen, axis=1), "int32")  # (B, 2 K)
    going_on, ending = pick((~ends, ending), chosen)
    places = ops.arange(2 * size, dtype="int32")[None]
    return chosen, ops.where(places < size, going_on & (places < own), ending)


def _count(mask):
    return ops.sum(ops.cast(mask, "int32"), axis=-1)
