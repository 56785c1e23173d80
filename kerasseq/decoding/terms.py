"""Terms that a target must have, and others that it must not."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.decoding.banks import banked
from kerasseq.decoding.next_tokens import NEVER
from kerasseq.decoding.ranks import pick
from kerasseq.decoding.repetition import marked
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor

LONGEST = 16  # tokens of a term that is wanted
WIDEST = 64  # bytes of one that is not
ROOM = 2  # hypotheses that a beam with terms has more
UNMET = -1e6  # of a score, for each term that is not met
# In nats, by which a beam prefers others to what may not end where it stands.
HALF_WRITTEN = 30.0
BYTE = 256  # codes from here on are those of bytes in a word


class Spelled(typing.Protocol):
    """What tokens write; see `kerasseq.text.spelling.Spelling`."""

    codes: typing.Any
    lengths: typing.Any
    joins: typing.Any
    ends_in_word: typing.Any


class Terms:
    """What the target of each source must have and must not have, for one run of a beam.

    A term is wanted in one or more phrases of tokens; it is met where one of them is written as
    whole words: nothing before it or behind it goes on with its first or last word. Each
    hypothesis carries how far it has come with each phrase, as a shift-and automaton does
    (Baeza-Yates and Gonnet 1992). A term that is not wanted is looked for in the bytes that are
    written, however they are cut into tokens: behind it no word may end there; no token comes
    within which it may end.

    `P` phrases of `L` = 16 tokens, `F` unwanted terms of `W` = 64 bytes, `K` hypotheses.

    Args:
        wanted: int32 tensor `(B, P * (1 + L))`: of each phrase the number of its term, from 1,
            and its tokens; all padded with 0.
        unwanted: int32 tensor `(B, F * W)`, the codes of each, padded with 0 before them; None
            for none.
        spelling: what the tokens of the vocabulary write; see `kerasseq.text.spelling`.
    """

    def __init__(self, wanted: Tensor, unwanted: Tensor | None, spelling: Spelled) -> None:
        rows = ops.shape(wanted)[0]
        wanted = ops.reshape(wanted, (rows, -1, 1 + LONGEST))
        self.owners: Tensor = wanted[:, :, 0]  # (B, P)
        self.phrases: Tensor = wanted[:, :, 1:]  # (B, P, L)
        self.unwanted: Tensor | None = unwanted
        if unwanted is not None:
            self.unwanted = ops.reshape(unwanted, (rows, -1, WIDEST))
        self.codes: Tensor = ops.convert_to_tensor(spelling.codes)
        self.lengths: Tensor = ops.convert_to_tensor(spelling.lengths)
        self.joins: Tensor = ops.convert_to_tensor(spelling.joins)
        self.ends_in_word: Tensor = ops.convert_to_tensor(spelling.ends_in_word)
        self.inside: Tensor | None = None if unwanted is None else self._inside(spelling)

        count = ops.shape(self.owners)[1]
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
        last = ops.equal(ops.arange(LONGEST, dtype="int32") + 1, sizes)  # (B, P, L)
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
            tail = ops.zeros_like(self.unwanted[:, 0])
            first["tail"] = ops.concatenate([tail, tail[:, :1]], axis=-1)
        return {name: ops.repeat(leaf[:, None], size, axis=1) for name, leaf in first.items()}

    def _next_tokens(self, carried):
        """The token `(B, K, P)` that each phrase asks for next, of a term that is not met; 0
        where none is, as behind the last of a phrase."""
        come = carried["come"]  # (B, K, P, L + 1)
        places = ops.arange(LONGEST + 1, dtype="int32")
        far = ops.max(ops.where(come, places, -1), axis=-1, keepdims=True)  # (B, K, P, 1)
        here = ops.equal(far, places[:LONGEST])  # (B, K, P, L)
        tokens = ops.sum(ops.where(here, self.phrases[:, None], 0), axis=-1)
        return ops.where(carried["met"] > 0, PAD_ID, tokens)

    def asked(self, carried: dict[str, Tensor]) -> dict[str, Tensor]:
        """What `NextTokens.candidates` takes: `also` and, with unwanted terms, `never`."""
        also = ops.reshape(self._next_tokens(carried), (-1, ops.shape(self.owners)[1]))
        if self.unwanted is None:
            return {"also": also}
        word = self.unwanted[:, None, :, -1] >= BYTE  # (B, 1, F), a word's last character
        stands = ops.any(self._stands(carried["tail"]) & word, axis=-1)  # (B, K)
        never = stands[..., None] & ~self.joins  # (B, K, V)
        if self.inside is not None:
            never |= self.inside[:, None]
        return {"also": also, "never": ops.reshape(never, (-1, self.joins.shape[0]))}

    def _inside(self, spelling):
        """Bool `(B, V)`: tokens within which an unwanted term may end, whatever stands before
        them; None where no token is such that a term could."""
        windows, goes_on, tokens = (
            ops.convert_to_tensor(each)[None] for each in _windows(spelling)
        )
        if not tokens.shape[1]:
            return None
        stands = self._stands(windows, ops.equal(windows, 0))  # (B, Q, F)
        stands &= (self.unwanted[:, None, :, -1] < BYTE) | ~goes_on[..., None]
        ids = ops.where(ops.any(stands, axis=-1), tokens, PAD_ID)  # (B, Q)
        return marked(ids, self.joins.shape[0])

    def _stands(self, tail, free=None):
        """Bool `(B, N, F)`: unwanted terms that the last codes `(B, N, W + 1)` end in; where
        `free`, bool of the same shape, any code may stand."""
        asked = self.unwanted[:, None]  # (B, 1, F, W)
        padded = ops.equal(asked, 0)
        same = ops.equal(tail[:, :, None, 1:] % BYTE, asked % BYTE)
        if free is not None:
            same |= free[:, :, None, 1:]
        stands = ops.all(same | padded, axis=-1)  # (B, N, F)
        size = ops.sum(ops.cast(~padded, "int32"), axis=-1)  # (B, 1, F)
        # A word's character before a term that begins with one makes it another word.
        before = ops.equal(ops.arange(WIDEST + 1, dtype="int32"), WIDEST - size[..., None])
        goes_on = ops.any(before & (tail[:, :, None] >= BYTE), axis=-1)
        begins = ops.equal(ops.cumsum(ops.cast(~padded, "int32"), axis=-1), 1)
        goes_on &= ops.any(begins & (asked >= BYTE), axis=-1)
        return stands & ~goes_on & (size > 0)

    def _banks(self, carried, ids, left):
        """How many terms hypotheses have once they go on with tokens.

        Args:
            carried: see `begin`.
            ids: int32 `(B, K, M)`, tokens that may come next.
            left: scalar int32, how many may come behind them; what does not fit is not begun.

        Returns:
            int32 `(B, K, M)`; and two bool `(B, K, M)`, whether they are within another, and
            whether one that was begun goes on.
        """
        met = self._met(carried, ids)  # (B, K, M, P)
        rest = self.sizes - 1 - ops.arange(LONGEST, dtype="int32")  # (B, P, L), behind each place
        asked = ops.where(rest <= left, self.phrases, -1)[:, None, None]  # (B, 1, 1, P, L)
        come = carried["come"][:, :, None, :, :LONGEST]  # (B, K, 1, P, L)
        follows = come & ops.equal(asked, ids[..., None, None])  # (B, K, M, P, L)
        open_ = (met < 0.5) & (self.owners > 0)[:, None, None]
        begun = ops.any(ops.any(follows, axis=-1) & open_, axis=-1)  # (B, K, M)
        goes_on = ops.any(ops.any(follows[..., 1:], axis=-1) & open_, axis=-1)
        count = ops.sum(met * self.counted[:, None, None], axis=-1)
        return ops.cast(count, "int32"), begun, goes_on

    def _met(self, carried, ids):
        """`met` `(B, K, M, P)` behind tokens `(B, K, M)`."""
        size = self.sizes[:, None]  # (B, 1, P, 1)
        places = ops.arange(LONGEST + 1, dtype="int32")
        whole = ops.any(carried["come"] & ops.equal(places, size), axis=-1)  # (B, K, P)
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
        come = carried["come"][..., :LONGEST] & goes_on & (self.phrases > 0)[:, None]
        come = ops.concatenate([begins[..., None], come], axis=-1)  # (B, K, P, L + 1)
        # A target that ends behind a phrase has it.
        ends = self._met({"met": met, "come": come}, ops.zeros_like(tokens)[:, :, None])[:, :, 0]
        unmet = ops.sum((1.0 - ends) * self.counted[:, None], axis=-1)
        found = {"met": met, "come": come, "unmet": unmet}
        if self.unwanted is not None:
            found["tail"] = self._tail(carried["tail"], tokens)
        return found

    def _tail(self, tail, tokens):
        """The last codes `(B, N, W + 1)` of `(B, N, W + 1)` behind tokens `(B, N)`."""
        count, width = ops.shape(tail)[1], WIDEST + 1
        flat = ops.reshape(tokens, (-1,))
        both = [ops.reshape(tail, (-1, width)), ops.take(self.codes, flat, axis=0)]
        places = ops.take(self.lengths, flat)[:, None] + ops.arange(width, dtype="int32")[None]
        return ops.reshape(pick(ops.concatenate(both, axis=1), places), (-1, count, width))

    def continuations(
        self, carry: dict[str, typing.Any], log_p: Tensor, ids: Tensor, end_id: int, max_length: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The continuations of each source between which a beam chooses.

        Args:
            carry: what the beam carries: `step`, `scores` `(B, K)` and the hypotheses, `alive`.
            log_p, ids: float32 and int32 `(B * K, M)`, of candidates for the next token.
            end_id, max_length: as for `Search`.

        Returns:
            scores, parents (which of the `K` hypotheses) and tokens, each `(B, 2 K)`: `K` that go
            on, and behind them those that end, at -1e9 where there is none.
        """
        carried, size, each = carry["alive"], carry["scores"].shape[1], ops.shape(log_p)[-1]
        ids = ops.reshape(ids, (-1, size, each))  # (B, K, M)
        scores = ops.reshape(log_p, (-1, size, each)) + carry["scores"][:, :, None]
        by = scores
        if self.unwanted is not None:
            tail = ops.repeat(carried["tail"], each, axis=1)  # (B, K * M, W + 1)
            stands = self._stands(self._tail(tail, ops.reshape(ids, (-1, size * each))))
            # A term stands that nothing can make another word, or not any more.
            late = ops.equal(carry["step"], max_length - 1)
            stays = stands & (late | (self.unwanted[:, None, :, -1] < BYTE))
            stands, stays = (
                ops.reshape(ops.any(each_, axis=-1), ops.shape(scores)) for each_ in (stands, stays)
            )
            scores = ops.where(stays, NEVER, scores)
            by = scores - HALF_WRITTEN * ops.cast(stands, "float32")
        left = max_length - 1 - carry["step"]
        scores, by, ids, *banks = (
            ops.reshape(leaf, (-1, size * each))
            for leaf in (scores, by, ids, *self._banks(carried, ids, left))
        )
        places, chosen = banked(by, ops.equal(ids, end_id), *banks, self.total, size, ROOM)
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


def _windows(spelling):
    """The places within tokens at which a term could end: what stands before each.

    Args:
        spelling: see `Terms`.

    Returns:
        int32 arrays `(Q, W + 1)`, the codes up to there, behind zeros; bool `(Q,)`, whether a
        word goes on behind; and int32 `(Q,)`, the token.
    """
    windows, behind, tokens = [], [], []
    codes, lengths = spelling.codes, spelling.lengths
    for end in range(1, codes.shape[1]):
        goes_on = codes[:, end] >= BYTE
        mark = codes[:, end - 1] < BYTE
        if end == 1:
            mark &= codes[:, 0] != ord(" ")
        (found,) = np.nonzero((end < lengths) & (~goes_on | mark))
        window = np.zeros((len(found), WIDEST + 1), "int32")
        first = max(0, end - WIDEST - 1)
        window[:, WIDEST + 1 - (end - first) :] = codes[found, first:end]
        windows.append(window)
        behind.append(goes_on[found])
        tokens.append(found.astype("int32"))
    if not windows:
        return np.zeros((0, WIDEST + 1), "int32"), np.zeros(0, "bool"), np.zeros(0, "int32")
    return np.concatenate(windows), np.concatenate(behind), np.concatenate(tokens)


def _floats(mask):
    return ops.cast(mask, "float32")
