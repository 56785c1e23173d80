"""Alternatives at one position of a target."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

from kerasseq.decoding.greedy import roll_out
from kerasseq.decoding.next_tokens import NextTokens
from kerasseq.decoding.ranks import pick
from kerasseq.decoding.search import Search, batch_size, while_loop
from kerasseq.lazily import ops
from kerasseq.tensors import repeat_rows
from kerasseq.text.checks import check_whole

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Hypotheses, Options
    from kerasseq.tensors import Tensor


class Alternatives(Search):
    """Goes on greedily behind each of the most probable tokens at one position.

    The position is the first that is not given: behind a source's prefix, or the first of all.
    So the hypotheses of a source differ there, as in CTranslate2's `return_alternatives`. A score
    is the sum of `log p` over the tokens that are not given.

    Args:
        num_alternatives: int `N`, hypotheses for each source.
        **options: as for `Search`.

    Raises:
        ValueError: for a number below 1; when called, for more than the vocabulary has.
    """

    count_name = "num_alternatives"

    def __init__(self, num_alternatives: int = 4, **options: typing.Unpack[Options]) -> None:
        super().__init__(**options)
        check_whole("num_alternatives", num_alternatives)
        self.num_alternatives = num_alternatives

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
        rows, count = batch_size(memory), self.num_alternatives
        following = NextTokens(self, start_id, end_id, max_length, prefix, source_lengths, count)
        position = following.first_free(max_length)  # (R or 1, 1)
        own = ops.arange(rows * count, dtype="int32")[:, None] % count  # (R, 1)

        def choose(log_p, step):  # (R, M)
            if count > log_p.shape[-1]:
                raise ValueError(
                    f"Expected no more alternatives than the vocabulary has; received "
                    f"num_alternatives={count} and {log_p.shape[-1]} tokens. Lower it."
                )
            best = ops.cast(ops.top_k(log_p, count)[1], "int32")  # (R, N)
            return pick(best, ops.where(ops.equal(position, step), own, 0))

        return roll_out(
            following, count, choose, decode_step, spread(memory, count),
            repeat_rows(state, count), max_length, rows, count, loop,
        )  # fmt: skip

    def widened(self, count: int) -> typing.Self:
        return self.replace(num_alternatives=max(self.num_alternatives, count))

    def get_config(self) -> dict[str, typing.Any]:
        return super().get_config() | {"num_alternatives": self.num_alternatives}
