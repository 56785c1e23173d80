"""Sampling from the model's distribution."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

import numpy as np

from kerasseq.decoding.greedy import roll_out
from kerasseq.decoding.next_tokens import NEVER, NextTokens
from kerasseq.decoding.search import Search, batch_size, while_loop
from kerasseq.lazily import ops
from kerasseq.tensors import masked_softmax, repeat_rows
from kerasseq.text.checks import check_number, check_whole

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Hypotheses, Options
    from kerasseq.tensors import Tensor


class Sampling(Search):
    """Draws each token from the model's distribution, after temperature and truncation.

    Args:
        temperature: float above 0; divides the logits.
        top_k: int, draws from the `top_k` most probable tokens (Fan et al. 2018); 0 for all.
        top_p: float in `(0, 1]`, draws from the smallest set of most probable tokens whose
            probabilities sum to at least `top_p` (Holtzman et al. 2020).
        num_samples: int `N`, hypotheses for each source.
        seed: int of 0 or more; the same seed draws the same numbers.
        **options: as for `Search`.

    A score is the sum of the model's `log p` before temperature and truncation. The sample with
    the best score is first. The random numbers `(max_length, N)` depend only on the seed and are
    stored in an export. All rows of a batch share them, so the same source always gets the same
    samples. For other samples raise `num_samples` or change the seed.

    Raises:
        ValueError: for a setting outside its range.
    """

    count_name = "num_samples"

    def __init__(
        self,
        temperature: float = 1.0,
        *,
        top_k: int = 0,
        top_p: float = 1.0,
        num_samples: int = 1,
        seed: int = 0,
        **options: typing.Unpack[Options],
    ) -> None:
        super().__init__(**options)
        check_whole("top_k", top_k, least=0)
        check_whole("num_samples", num_samples)
        check_whole("seed", seed, least=0)
        check_number("temperature", temperature)
        check_number("top_p", top_p)
        if temperature <= 0 or not 0 < top_p <= 1:
            raise ValueError(
                "Expected a temperature above 0, and top_p above 0 and at most 1; received "
                f"{temperature} and {top_p}. For the most probable token use Greedy."
            )
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        self.num_samples = num_samples
        self.seed = seed

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
        following = NextTokens(
            self, start_id, end_id, max_length, prefix, source_lengths, self.num_samples
        )
        rows = batch_size(memory)
        memory = spread(memory, self.num_samples)
        state = repeat_rows(state, self.num_samples)
        draws = np.random.default_rng(self.seed).random(
            (max_length, self.num_samples), dtype="float32"
        )

        def choose(log_p, step):  # (R, M), falling, R = B * N
            allowed = log_p > NEVER / 2
            if self.top_k:
                allowed &= ops.cumsum(ops.cast(allowed, "int32"), axis=-1) <= self.top_k
            p = masked_softmax(log_p / self.temperature, allowed)
            before = ops.cumsum(p, axis=-1) - p  # probability of all better tokens
            inside = (before < self.top_p) & allowed
            p = ops.where(inside, p, 0.0)
            reached = ops.cumsum(p, axis=-1)  # (R, kept)
            by_source = ops.reshape(reached[:, -1], (-1, self.num_samples))  # (B, N), total mass
            draw = ops.reshape(by_source * ops.take(draws, step, axis=0), (-1, 1))  # (R, 1)
            rank = ops.sum(ops.cast(reached <= draw, "int32"), axis=-1, keepdims=True)  # (R, 1)
            ranks = ops.arange(log_p.shape[-1], dtype="int32")[None]
            last = ops.max(ops.where(inside, ranks, 0), axis=-1, keepdims=True)  # (R, 1)
            return ops.minimum(rank, last)

        return roll_out(
            following, self.top_k, choose, decode_step, memory, state, max_length, rows,
            self.num_samples, loop,
        )  # fmt: skip

    def widened(self, count: int) -> typing.Self:
        return self.replace(num_samples=max(self.num_samples, count))

    def get_config(self) -> dict[str, typing.Any]:
        return super().get_config() | {
            "temperature": self.temperature,
            "top_k": self.top_k,
            "top_p": self.top_p,
            "num_samples": self.num_samples,
            "seed": self.seed,
        }
