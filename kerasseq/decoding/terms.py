"""Terms that a target must have, and others that it must not."""

from __future__ import annotations

import typing

from kerasseq.decoding.banks import banked
from kerasseq.decoding.next_tokens import NEVER
from kerasseq.decoding.ranks import pick
from kerasseq.decoding.unwanted import Unwanted, apart
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID

if typing.TYPE_CHECKING:
    from kerasseq.decoding.next_tokens import NextTokens
    from kerasseq.decoding.unwanted import Spelled
    from kerasseq.tensors import Tensor

LONGEST = 16  # tokens of a term that is wanted
ROOM = 2  # hypotheses that a beam with wanted terms has more
UNMET = -1e6  # of a score, for each term that is not met
# In nats, by which a beam prefers others to what may not end where it stands.
HALF_WRITTEN = 30.0


class Terms:
    """What the target of each source must have and must not have, for one run of a beam.

    A term is wanted in one or more phrases of tokens; it is met where one of them is written as
    whole words: nothing before it or behind it goes on with its first or last word. Each
    hypothesis carries how far it has come with each phrase, as a shift-and automaton does
    (Baeza-Yates and Gonnet 1992). A term that is not wanted is looked for in the bytes that are
    written, however they are cut into tokens: behind it no word may end there; no token comes
    within which it may end.

    `P` phrases of `L` tokens, at most 16, `F` unwanted terms of `W` bytes, at most 64, `K`
    hypotheses.

    Args:
        owners: int32 tensor `(B, P)`, of each phrase the number of its term, from 1; 0 for none.
            None where no source has any.
        wanted: int32 tensor `(B, P * L)`, the tokens of each, padded with 0; None as `owners`.
        spelling: what the tokens of the vocabulary write; see `kerasseq.text.spelling`.
        sizes: int32 tensor `(B, F)`, the bytes of each unwanted term; None for none.
        unwanted: int32 tensor `(B, F * W)`, the codes of each, padded with 0 before them.

    Attributes:
        room: int, how many hypotheses more a beam has.
    """

    def __init__(
        self,
        owners: Tensor | None,
        wanted: Tensor | None,
        spelling: Spelled,
        sizes: Tensor | None = None,
        unwanted: Tensor | None = None,
    ) -> None:
        self.room: int = ROOM
        if owners is None:  # one phrase that asks for nothing
            self.room, owners = 0, ops.zeros_like(sizes[:, :1])
            wanted = owners
        self.owners: Tensor = owners
        self.phrases: Tensor = apart(wanted, owners)  # (B, P, L)
        self.unwanted: Unwanted | None = None
        if sizes is not None:
            self.unwanted = Unwanted(sizes, apart(unwanted, sizes), spelling)
        self.joins: Tensor = ops.convert_to_tensor(spelling.joins)
        self.ends_in_word: Tensor = ops.convert_to_tensor(spelling.ends_in_word)

        count, longest = ops.shape(self.phrases)[1:]
        real = self.owners > 0  # (B, P)
        same = ops.equal(self.owners[:, :, None], self.owners[:, None])  # (B, P, P)
        numbers = ops.arange(count, dtype="int32")
        earlier = same & (numbers[None, :, None] > numbers[None, None])
        # Of each term the first phrase counts.
        self.counted: Tensor = _floats(real & ~ops.any(earlier, axis=-1))  # (B, P)
        self.same: Tensor = _floats(same & real[:, :, None])
        self.total: Tensor = ops.cast(ops.sum(self.counted, axis=-1), "int32")  # (B,)
        sizes = ops.sum(ops.cast(self.phrases > 0, "int32"), axis=-1, keepdims=True)
        self.sizes: Tensor = sizes  # (B, P, 1)
        # The fewest tokens of each term, at each of its phrases.
        least = ops.where(self.same > 0, sizes[:, None, :, 0], LONGEST)  # (B, P, P)
        self.least: Tensor = ops.min(least, axis=-1)  # (B, P)
        self.places: Tensor = ops.arange(longest + 1, dtype="int32")
        last = ops.equal(self.places[1:], sizes)  # (B, P, L)
        last = ops.sum(ops.where(last, self.phrases, 0), axis=-1)
        self.joins_before: Tensor = ops.take(self.joins, self.phrases[:, :, 0])  # (B, P)
        self.joins_behind: Tensor = ops.take(self.ends_in_word, last)

    def begin(self, size: int) -> dict[str, Tensor]:
        """What `size` hypotheses of each source carry, before anything is written.

        Returns:
            dict of `met`, float32 `(B, K, P)`, 1 for a phrase whose term is met; `come`, bool
            `(B, K, P, L + 1)`, the lengths of what is written of each phrase; `unmet`, float32
            `(B, K)`, how many terms are not met if the target ends here; and, with unwanted
            terms, `tail`, int32 `(B, K, W + 1)`, the last codes written.
        """
        none = ops.zeros_like(self.phrases, dtype="bool")  # (B, P, L)
        come = ops.concatenate([~none[:, :, :1], none], axis=-1)
        first = {
            "met": ops.zeros_like(self.counted),
            "come": come,
            "unmet": ops.sum(self.counted, axis=-1),
        }
        if self.unwanted is not None:
            first["tail"] = self.unwanted.nothing()
        return {name: ops.repeat(leaf[:, None], size, axis=1) for name, leaf in first.items()}

    def _next_tokens(self, carried, end_id):
        """The token `(B, K, P)` that each phrase asks for next, of a term that is not met, behind
        the last of a phrase the end symbol; 0 where none is."""
        come = carried["come"]  # (B, K, P, L + 1)
        far = ops.max(ops.where(come, self.places, -1), axis=-1, keepdims=True)  # (B, K, P, 1)
        here = ops.equal(far, self.places[:-1])  # (B, K, P, L)
        tokens = ops.sum(ops.where(here, self.phrases[:, None], 0), axis=-1)
        whole = ops.any(ops.equal(far, self.sizes[:, None]), axis=-1) & (self.owners > 0)[:, None]
        tokens = ops.where(whole, end_id, tokens)
        return ops.where(carried["met"] > 0, PAD_ID, tokens)

    def asked(self, carried: dict[str, Tensor], end_id: int) -> dict[str, Tensor]:
        """What `NextTokens.candidates` takes: `also` and, with unwanted terms, `never`."""
        also = ops.reshape(self._next_tokens(carried, end_id), (-1, ops.shape(self.owners)[1]))
        if self.unwanted is None:
            return {"also": also}
        never = self.unwanted.never(carried["tail"])
        return {"also": also, "never": ops.reshape(never, (-1, self.joins.shape[0]))}

    def _banks(self, carried, ids, left):
        """How many terms hypotheses have once they go on with tokens.

        Args:
            carried: see `begin`.
            ids: int32 `(B, K, M)`, tokens that may come next.
            left: int32 `(B or 1, 1, 1)`, how many may come behind them; what does not fit is not
                begun.

        Returns:
            int32 `(B, K, M)`; and three bool `(B, K, M)`, whether they are within another,
            whether one that was begun goes on, and whether what they have not is longer than
            what is left.
        """
        met = self._met(carried, ids)  # (B, K, M, P)
        rest = self.sizes - self.places[1:]  # (B, P, L), behind each place
        asked = ops.where(rest <= left, self.phrases, -1)[:, None, None]  # (B, 1, 1, P, L)
        come = carried["come"][:, :, None, :, :-1]  # (B, K, 1, P, L)
        follows = come & ops.equal(asked, ids[..., None, None])  # (B, K, M, P, L)
        open_ = (met < 0.5) & (self.owners > 0)[:, None, None]
        far = ops.max(ops.where(follows, self.places[1:], 0), axis=-1)  # (B, K, M, P)
        far = ops.where(open_, far, 0)
        begun, goes_on = ops.any(far > 0, axis=-1), ops.any(far > 1, axis=-1)  # (B, K, M)
        # What is within one phrase has less to write of that alone.
        least, sizes = self.least[:, None, None], self.sizes[:, None, None, :, 0]
        counted = open_ & (self.counted > 0)[:, None, None]
        needed = ops.sum(ops.where(counted, least, 0), axis=-1)
        needed = needed - ops.max(ops.where(open_, ops.maximum(least - sizes + far, 0), 0), axis=-1)
        count = ops.sum(met * self.counted[:, None, None], axis=-1)
        return ops.cast(count, "int32"), begun, goes_on, needed > left

    def _met(self, carried, ids):
        """`met` `(B, K, M, P)` behind tokens `(B, K, M)`."""
        size = self.sizes[:, None]  # (B, 1, P, 1)
        whole = ops.any(carried["come"] & ops.equal(self.places, size), axis=-1)  # (B, K, P)
        joined = ops.take(self.joins, ids)[..., None] & self.joins_behind[:, None, None]
        closed = _floats(whole[:, :, None] & ~joined)  # (B, K, M, P)
        met = ops.any(closed[..., None, :] * self.same[:, None, None] > 0, axis=-1)
        return ops.maximum(carried["met"][:, :, None], _floats(met))

    def after(self, carried: dict[str, Tensor], tokens: Tensor) -> dict[str, Tensor]:
        """What hypotheses carry once they have gone on with tokens `(B, K)`."""
        met = self._met(carried, tokens[:, :, None])[:, :, 0]  # (B, K, P)
        open_ = ops.take(self.ends_in_word, tokens)[..., None]  # (B, K, 1)
        begins = ~(open_ & self.joins_before[:, None])  # (B, K, P)
        goes_on = ops.equal(self.phrases[:, None], tokens[:, :, None, None])  # (B, K, P, L)
        come = carried["come"][..., :-1] & goes_on & (self.phrases > 0)[:, None]
        come = ops.concatenate([begins[..., None], come], axis=-1)  # (B, K, P, L + 1)
        # A target that ends behind a phrase has it.
        ends = self._met({"met": met, "come": come}, ops.zeros_like(tokens)[:, :, None])[:, :, 0]
        unmet = ops.sum((1.0 - ends) * self.counted[:, None], axis=-1)
        found = {"met": met, "come": come, "unmet": unmet}
        if self.unwanted is not None:
            found["tail"] = self.unwanted.behind(carried["tail"], tokens)
        return found

    def continuations(
        self, carry: dict[str, typing.Any], log_p: Tensor, ids: Tensor, following: NextTokens
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The continuations of each source between which a beam chooses.

        Args:
            carry: what the beam carries: `step`, `scores` `(B, K)` and the hypotheses, `alive`.
            log_p, ids: float32 and int32 `(B * K, M)`, of candidates for the next token.
            following: NextTokens of the beam. A token that it gives may write anything.

        Returns:
            scores, parents (which of the `K` hypotheses) and tokens, each `(B, 2 K)`: `K` that go
            on, and behind them those that end, at -1e9 where there is none.
        """
        carried, size, each = carry["alive"], carry["scores"].shape[1], ops.shape(log_p)[-1]
        left = following.left(carry["step"])
        ids = ops.reshape(ids, (-1, size, each))  # (B, K, M)
        scores = ops.reshape(log_p, (-1, size, each)) + carry["scores"][:, :, None]
        by = scores
        if self.unwanted is not None:
            stands, stays = self.unwanted.stand(carried["tail"], ids, left)  # (B, K, M)
            scores = ops.where(stays & following.free(carry["step"]), NEVER, scores)
            by = scores - HALF_WRITTEN * ops.cast(stands, "float32")
        scores, by, ids, *banks = (
            ops.reshape(leaf, (-1, size * each))
            for leaf in (scores, by, ids, *self._banks(carried, ids, left))
        )
        most = ops.shape(self.owners)[1]
        places, chosen = banked(
            by, ops.equal(ids, following.end_id), *banks, self.total, most, size, self.room
        )
        scores, tokens = pick((scores, ids), places)
        return ops.where(chosen, scores, NEVER), places // each, tokens

    def ready(self, scores: Tensor, carried: dict[str, Tensor]) -> Tensor:
        """The best of scores `(B, K)`, among hypotheses that have all their terms: `(B,)`."""
        return ops.max(ops.where(carried["unmet"] > 0, NEVER, scores), axis=-1)


def less_unmet(scores: Tensor, hypotheses: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Scores `(B, N)` by which hypotheses compete, a million less for each term that is not met;
    and the hypotheses with `score`, what the scores are."""
    below = ops.where(scores > NEVER / 2, UNMET * hypotheses["unmet"], 0.0)
    return scores + below, hypotheses | {"score": scores}


def _floats(mask):
    return ops.cast(mask, "float32")
