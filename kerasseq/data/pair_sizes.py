"""How large batches of pairs, and their rows, may be."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.data.buckets import Buckets
from kerasseq.processing.symbols import PLAIN, PairSymbols
from kerasseq.text.checks import check_whole

MEASURED = 50_000  # pairs, by which the shapes of a stream are chosen


class PairSizes:
    """The sizes of batches of pairs; see `ParallelText.batches`.

    Args:
        tokens_per_batch: int or None.
        batch_size: int or None.
        max_length: int, or a pair for source and target.
        too_long: "drop" or "truncate".
        symbols: PairSymbols, which `max_length` counts too.
        multiple: int, of which the rows of every batch are a multiple.

    Attributes:
        truncate: bool, long lines are cut.
        longest: int pair, tokens to which a source and a target may be padded.
        limits: int pair, the most tokens of each side with its end symbol, without `symbols`.

    Raises:
        ValueError: for other sizes.
    """

    def __init__(
        self,
        tokens_per_batch: int | None = None,
        batch_size: int | None = None,
        max_length: int | tuple[int, int] = 100,
        too_long: typing.Literal["drop", "truncate"] = "drop",
        symbols: PairSymbols = PLAIN,
        multiple: int = 1,
    ) -> None:
        source, target = _checked(tokens_per_batch, batch_size, max_length, too_long, multiple)
        self.multiple = multiple
        self.tokens_per_batch = tokens_per_batch
        self.batch_size = batch_size
        self.truncate: bool = too_long == "truncate"
        self.symbols = symbols
        self.limits: tuple[int, int] = (
            source - symbols.around_source,
            target - len(symbols.prefix),
        )
        self.longest: tuple[int, int] = source, self.limits[1]

    def padded(self, lengths: np.ndarray) -> np.ndarray:
        """The lengths of pairs that stay, `(K, 2)` with the end symbol, as batches have them."""
        lengths = np.minimum(lengths, np.array(self.limits, lengths.dtype))
        lengths[:, 0] += self.symbols.around_source
        return lengths

    def buckets(self, lengths: np.ndarray, total: int) -> Buckets:
        """Chooses the shapes for `total` pairs, by the `padded` lengths of some."""
        return Buckets.fit(
            lengths, self.longest, self.tokens_per_batch, self.batch_size, total, self.multiple
        )


def _checked(tokens_per_batch, batch_size, max_length, too_long, multiple):
    """The most tokens of each side, if the sizes are some that a batch can have."""
    if (tokens_per_batch is None) == (batch_size is None):
        raise ValueError(
            f"Expected one of tokens_per_batch and batch_size; received {tokens_per_batch} and "
            f"{batch_size}. Give exactly one."
        )
    if too_long not in ("drop", "truncate"):
        raise ValueError(
            f'Expected too_long to be "drop" or "truncate"; received {too_long!r}. Choose one.'
        )
    for name, size in (("batch_size", batch_size), ("tokens_per_batch", tokens_per_batch)):
        if size is not None:
            check_whole(name, size)
    sides = max_length if isinstance(max_length, tuple | list) else (max_length, max_length)
    for side in sides:
        check_whole("max_length", side, least=2)
    source, target = sides
    if tokens_per_batch is not None and tokens_per_batch < max(source, target):
        raise ValueError(
            f"Expected tokens_per_batch of at least max_length={max_length}; received "
            f"{tokens_per_batch}. Raise it, or lower max_length."
        )
    if batch_size is not None and batch_size % multiple:
        raise ValueError(
            f"Expected a batch_size that {multiple} processes can share; received {batch_size}. "
            f"Choose a multiple of {multiple}."
        )
    if tokens_per_batch is not None and tokens_per_batch < multiple * max(source, target):
        raise ValueError(
            f"Expected tokens_per_batch for a row of max_length={max_length} in each of {multiple} "
            f"processes; received {tokens_per_batch}. Raise it, or lower max_length."
        )
    return source, target
