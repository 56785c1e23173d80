"""Beam search with a finished set and a length penalty."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

from kerasseq.decoding.next_tokens import NEVER, NextTokens
from kerasseq.decoding.ranks import first_false, flat_ranks, pick
from kerasseq.decoding.search import (
    Hypotheses,
    Search,
    batch_size,
    check_beam,
    no_attention_yet,
    source_mask,
    while_loop,
)
from kerasseq.decoding.terms import ROOM, UNMET, less_unmet
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID, gather_rows, repeat_rows, write_at
from kerasseq.text.checks import check_number, check_whole

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Options
    from kerasseq.decoding.terms import Terms
    from kerasseq.tensors import Tensor

LEAST_ATTENTION = 1e-7  # about the least float16


class Beam(Search):
    """Keeps the `K` best unfinished hypotheses of every source.

    Each step ranks the `2 K` best continuations. An end symbol among the first `K` of them
    finishes its hypothesis; the `K` best other continuations stay in the beam. A source is
    finished once `K` hypotheses have ended and no unfinished one, scored at its current length,
    beats the worst of those `K`. So `beam_size=1` is greedy search, and poor early endings do not
    stop the search. At `max_length` the unfinished hypotheses compete with the finished ones.

    A score is `log P(Y) / ((o + |Y|) / (o + 1))^α + β Σ_s log min(Σ_t a(t, s), 1)` (Wu et al.
    2016, eq. 14, with `o` 5). `|Y|` counts the end symbol, and a prefix; `a(t, s)` is the
    attention to the source position `s` at step `t`, over the positions that the memory's `mask`
    calls real; of a memory without a mask, over those with any attention. Attention that is lost
    to rounding counts as 1e-7. The coverage term enters only when a hypothesis ends.

    Args:
        beam_size: int `K`.
        length_penalty: float `α`; 0 compares plain sums, and these favour short hypotheses.
        coverage_penalty: float `β`; above 0 it needs a model that attends.
        n_best: int `N`, hypotheses to return, at most `K`.
        length_offset: float `o` of 0 or more; with 0 and `α` 1 a score is the mean of a
            hypothesis' `log p`, as Hugging Face's beam search has it.
        early_stopping: bool, a source is finished once `K` hypotheses have ended.
        **options: as for `Search`.

    Call arguments:
        terms: Terms, what each target must have and must not have, of a beam of `K + 2` where
            terms are wanted: first come those that miss the fewest. The others as of `Search`.

    Raises:
        ValueError: for sizes below 1, `n_best` above `beam_size` or a negative offset; when
            called, for a beam larger than the vocabulary.
    """

    groups: int = 1  # of hypotheses that compete among themselves
    count_name = "n_best"

    def __init__(
        self,
        beam_size: int = 4,
        length_penalty: float = 1.0,
        *,
        n_best: int = 1,
        coverage_penalty: float = 0.0,
        length_offset: float = 5.0,
        early_stopping: bool = False,
        **options: typing.Unpack[Options],
    ) -> None:
        super().__init__(**options)
        check_whole("beam_size", beam_size)
        check_whole("n_best", n_best)
        check_number("length_penalty", length_penalty)
        check_number("coverage_penalty", coverage_penalty)
        check_number("length_offset", length_offset, least=0)
        if n_best > beam_size:
            raise ValueError(
                f"Expected n_best of at most beam_size; received n_best={n_best} and "
                f"beam_size={beam_size}. Widen the beam, or ask for fewer."
            )
        self.beam_size = beam_size
        self.length_penalty = length_penalty
        self.coverage_penalty = coverage_penalty
        self.n_best = n_best
        self.length_offset = length_offset
        self.early_stopping = early_stopping

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
        terms: Terms | None = None,
    ) -> Hypotheses:
        best = self.beam_size // self.groups
        rows, size = batch_size(memory) * self.groups, best + (terms.room if terms else 0)
        every = size * self.groups  # hypotheses of each source
        following = NextTokens(self, start_id, end_id, max_length, prefix, source_lengths, every)
        # What is not wanted may stand among the best, so terms rank as many for either beam.
        ranked = 2 * (best + ROOM) if terms else size + every
        mask = source_mask(memory) if self.coverage_penalty else None
        mask = mask if mask is None else ops.repeat(mask, self.groups, axis=0)
        memory, state = spread(memory, every), repeat_rows(state, every)
        # All beams of a source are equal at the first step: only the first one counts. (1, K)
        alone = NEVER * ops.cast(ops.arange(size, dtype="int32") > 0, "float32")[None]
        found = {"tokens": ops.full((rows, size, max_length), PAD_ID, "int32")}
        carry = {
            "step": ops.convert_to_tensor(0, "int32"),
            "token": ops.full((rows * size,), start_id, "int32"),
            "state": state,
            "scores": ops.repeat(alone, rows, axis=0),
            "alive": found,
            "finished_scores": ops.full((rows, size), NEVER, "float32"),
            "finished": found,
            "done": ops.zeros((rows,), "bool"),
        }
        if self.return_attention or self.coverage_penalty:
            nothing = no_attention_yet(decode_step, carry["token"], state, memory, carry["step"])
            nothing = self._by_row(nothing, rows)
            kept = {}
            if self.return_attention:
                kept["attention"] = ops.repeat(nothing[:, :, None], max_length, axis=2)
            if self.coverage_penalty:
                kept["coverage"] = nothing
            for part in ("alive", "finished"):
                carry[part] = carry[part] | kept
        if terms:
            carry["alive"] = carry["alive"] | terms.begin(size)
            carry["finished"] = carry["finished"] | {"score": carry["finished_scores"]}

        def going_on(carry):
            return (carry["step"] < max_length) & ~ops.all(carry["done"])

        def advance(carry):
            step = carry["step"]
            # logits (B * K, V), attention (B * K, S)
            logits, state, attention = decode_step(carry["token"], carry["state"], memory, step)
            written = ops.reshape(carry["alive"]["tokens"], (-1, max_length))  # (B * K, T)
            asked = terms.asked(carry["alive"], end_id) if terms else {}
            log_p, ids = following.candidates(logits, ranked, written, step, **asked)
            # scores, parents and tokens (B, 2 K), of log_p and ids (B * K, M), the best first
            if terms:
                chosen = terms.continuations(carry, log_p, ids, following)
            else:
                chosen = self._continuations(carry["scores"], log_p, ids, rows, end_id)
            scores, parents, tokens = chosen
            hypotheses = self._extend(carry["alive"], parents, tokens, step)  # (B, 2 K, …)
            if terms:
                hypotheses = hypotheses | terms.after(hypotheses, tokens)
            if self.return_attention or self.coverage_penalty:
                seen = pick(self._by_row(attention, rows), parents)  # (B, 2 K, S)
            if self.return_attention:
                hypotheses["attention"] = write_at(
                    hypotheses["attention"], seen[:, :, None], step, axis=2
                )
            if self.coverage_penalty:
                hypotheses["coverage"] = hypotheses["coverage"] + seen
            ends = ops.equal(tokens, end_id)  # (B, 2 K)
            alive_scores, alive, alive_parents, token = pick(
                (scores, hypotheses, parents, tokens), first_false(ends)
            )  # (B, K, …)

            real = ends & (scores > NEVER / 2) & ~carry["done"][:, None]  # (B, 2 K)
            if not terms:  # which have chosen
                real &= ops.arange(2 * size, dtype="int32")[None] < size
            ended_scores = self._final(scores, step + 1, hypotheses, mask)  # (B, 2 K)
            ended_scores = ops.where(real, ended_scores, NEVER)
            if terms:
                ended_scores, hypotheses = less_unmet(ended_scores, hypotheses)
            # The K best of the K already finished and the 2 K that may end here: (B, K).
            finished_scores, finished = self._merge(
                carry["finished_scores"], carry["finished"], ended_scores, hypotheses
            )
            worst = finished_scores[:, best - 1]
            done = worst > UNMET / 2  # (B,), K hypotheses have ended
            if self.early_stopping:  # at the end those that go on compete
                done &= step + 1 < max_length
            else:
                # A hypothesis without all its terms cannot end yet.
                ready = terms.ready(alive_scores, alive) if terms else ops.max(alive_scores, axis=1)
                done &= self._normalise(ready, step + 1) <= worst  # (B,)
            return {
                "done": carry["done"] | done,
                "step": step + 1,
                "token": ops.reshape(token, (-1,)),
                "state": gather_rows(state, flat_ranks(alive_parents, rows, size)),
                "scores": alive_scores,
                "alive": alive,
                "finished_scores": finished_scores,
                "finished": finished,
            }

        carry = loop(going_on, advance, carry)
        truncated = ops.where(
            carry["done"][:, None] | (carry["scores"] <= NEVER / 2),
            NEVER,
            self._final(carry["scores"], carry["step"], carry["alive"], mask),
        )
        alive = carry["alive"]
        if terms:
            truncated, alive = less_unmet(truncated, alive)
        scores, found = self._merge(carry["finished_scores"], carry["finished"], truncated, alive)
        scores = found.pop("score", scores)
        found = {name: leaf[:, : self.n_best] for name, leaf in found.items()}
        lengths = ops.sum(ops.cast(ops.not_equal(found["tokens"], PAD_ID), "int32"), axis=-1)
        return Hypotheses(
            found["tokens"], lengths, scores[:, : self.n_best], found.get("attention")
        )

    def _continuations(self, scores, log_p, ids, rows, end_id):
        """The `2 K` best continuations of each source.

        Args:
            scores: float32 `(B, K)`, of the unfinished hypotheses.
            log_p, ids: float32 and int32 `(B * K, M)`, of candidates for the next token.
            rows: int `B`.
            end_id: int.

        Returns:
            scores, parents (which of the `K` hypotheses) and tokens, each `(B, 2 K)`.
        """
        size, each = self.beam_size, log_p.shape[-1]
        check_beam(size, each)
        best = ops.reshape(log_p, (rows, size, each)) + scores[:, :, None]
        best, places = ops.top_k(ops.reshape(best, (rows, size * each)), 2 * size)  # (B, 2 K)
        places = ops.cast(places, "int32")  # parent * each + rank of the token
        return best, places // each, pick(ops.reshape(ids, (rows, size * each)), places)

    def _extend(self, hypotheses, parents, tokens, step):
        """The parents' buffers with the new tokens written: `(B, K, …)` to `(B, 2 K, …)`."""
        hypotheses = pick(hypotheses, parents)
        written = write_at(hypotheses["tokens"], tokens[:, :, None], step, axis=2)
        return hypotheses | {"tokens": written}

    def _merge(self, old_scores, old, new_scores, new):
        """The `K` best of two sets of hypotheses, scores `(B, K)` and `(B, M)`."""
        scores = ops.concatenate([old_scores, new_scores], axis=1)
        both = {name: ops.concatenate([old[name], new[name]], axis=1) for name in old}
        scores, ranks = ops.top_k(scores, old_scores.shape[1])
        return scores, pick(both, ranks)

    def _final(self, scores, length, hypotheses, mask):
        """Scores `(B, M)` of hypotheses that end at this length, with the coverage term.

        `mask` is bool `(B, S)` or longer, its last `S` columns those of the attention, or None.
        """
        scores = self._normalise(scores, length)
        if not self.coverage_penalty:
            return scores
        covered = ops.cast(hypotheses["coverage"], "float32")  # (B, M, S)
        real = covered > 0
        if mask is not None:
            # begin_source stands first in the mask, and not in the attention.
            real = mask[:, None, ops.shape(mask)[1] - ops.shape(covered)[2] :]  # (B, 1, S)
        terms = ops.where(real, ops.log(ops.clip(covered, LEAST_ATTENTION, 1.0)), 0.0)
        return scores + self.coverage_penalty * ops.sum(terms, axis=-1)

    def _normalise(self, scores, length):
        """Scores divided by the length penalty of a common length."""
        length = ops.cast(length, "float32")
        offset = self.length_offset
        return scores / ((offset + length) / (offset + 1.0)) ** self.length_penalty

    def _by_row(self, leaf, rows):
        """`(B * K, …)` to `(B, K, …)`."""
        return ops.reshape(leaf, (rows, -1, *leaf.shape[1:-1], ops.shape(leaf)[-1]))

    def all_best(self) -> typing.Self:
        return self.replace(n_best=self.beam_size)

    def widened(self, count: int) -> typing.Self:
        return self.replace(beam_size=max(self.beam_size, count), n_best=count).all_best()

    def get_config(self) -> dict[str, typing.Any]:
        return super().get_config() | {
            "beam_size": self.beam_size,
            "length_penalty": self.length_penalty,
            "n_best": self.n_best,
            "coverage_penalty": self.coverage_penalty,
            "length_offset": self.length_offset,
            "early_stopping": self.early_stopping,
        }
