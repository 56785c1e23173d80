"""Batches of few padded shapes, from pairs of many lengths."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.lazily import tf

if typing.TYPE_CHECKING:
    from numpy.typing import ArrayLike

SHAPES = 16  # at most, over all buckets
COLUMNS = 6  # target bounds for one source bound, at most
CANDIDATES = 64  # lengths considered as bounds, a side


class Buckets:
    """Groups pairs by source length, then by target length, into fixed shapes.

    Args:
        source_bounds: int list `(I,)`, ascending padded source lengths.
        target_bounds: int array `(I, J)`, a row of ascending padded target lengths for each.
        tokens_per_batch: int or None; rows of a shape are this budget over its longer side.
        batch_size: int or None; rows of every shape.
        multiple: int, of which the rows of every shape are a multiple.
    """

    def __init__(
        self,
        source_bounds: ArrayLike,
        target_bounds: ArrayLike,
        tokens_per_batch: int | None = None,
        batch_size: int | None = None,
        multiple: int = 1,
    ) -> None:
        self.source_bounds: np.ndarray = np.asarray(source_bounds, "int32")
        self.target_bounds: np.ndarray = np.asarray(target_bounds, "int32")
        longer = np.maximum(self.source_bounds[:, None], self.target_bounds)
        self.rows: np.ndarray = rows_of(longer, tokens_per_batch, batch_size, multiple)

    @classmethod
    def fit(
        cls,
        lengths: ArrayLike,
        max_length: int | tuple[int, int],
        tokens_per_batch: int | None = None,
        batch_size: int | None = None,
        total: int | None = None,
        multiple: int = 1,
    ) -> typing.Self:
        """Chooses at most 16 shapes that waste the least padding on measured lengths.

        Rows that fill a bucket's last batch count as padding: few pairs get few shapes.

        Args:
            lengths: int array `(N, 2)` of source and target lengths.
            max_length: int, added as the last bound so that every later pair has a bucket; or
                a pair for source and target.
            tokens_per_batch: int or None, as above.
            batch_size: int or None, as above.
            total: int or None, pairs of the corpus where only a part was measured.
            multiple: int, as above.
        """
        lengths = np.asarray(lengths)
        sources, targets = map(candidates, lengths.T)
        counts = np.zeros((len(sources), len(targets)))
        cells = np.searchsorted(sources, lengths[:, 0]), np.searchsorted(targets, lengths[:, 1])
        np.add.at(counts, cells, (total or len(lengths)) / len(lengths))
        longer = np.maximum(sources[:, None], targets)
        rows = rows_of(longer, tokens_per_batch, batch_size, multiple)
        table = best_bounds(counts, sources, targets, rows)
        source, target = (max_length,) * 2 if isinstance(max_length, int) else max_length
        width = max(len(row) for _, row in table) + 1
        table = [(bound, [*row, *[target] * (width - len(row))]) for bound, row in table]
        if table[-1][0] < source:
            table.append((source, [target] * width))
        return cls(*zip(*table, strict=True), tokens_per_batch, batch_size, multiple)

    def keys(self, lengths: ArrayLike) -> np.ndarray:
        """The bucket of each pair of lengths `(N, 2)`: a place in the ravelled `rows`, `(N,)`."""
        lengths = np.asarray(lengths)
        level = np.searchsorted(self.source_bounds, lengths[:, 0])
        column = np.zeros(len(level), "uint8")
        for bounds in self.target_bounds.T:
            column += bounds[level] < lengths[:, 1]
        kind = np.min_scalar_type(self.rows.size)
        return level.astype(kind) * kind.type(self.rows.shape[1]) + column.astype(kind)

    def widths(self, key: int) -> tuple[int, int]:
        """The padded lengths of a bucket's sources and targets."""
        level, column = divmod(key, self.rows.shape[1])
        return int(self.source_bounds[level]), int(self.target_bounds[level, column])

    def count_batches(self, lengths: ArrayLike) -> int:
        """The number of batches of pairs of lengths `(N, 2)`, with those that are not full."""
        counts = np.bincount(self.keys(lengths), minlength=self.rows.size)
        return int((-(-counts // self.rows.ravel())).sum())

    def group(self, pairs: tf.data.Dataset[typing.Any]) -> tf.data.Dataset[typing.Any]:
        """A `tf.data` transformation: pairs of id vectors to padded `(B, S)` and `(B, T)`."""
        source_bounds, target_bounds = map(tf.constant, (self.source_bounds, self.target_bounds))
        rows = tf.constant(self.rows)
        width = self.target_bounds.shape[1]

        def key(source, target):
            level = tf.reduce_sum(tf.cast(source_bounds < tf.size(source), tf.int64))
            bounds = tf.gather(target_bounds, level)
            return level * width + tf.reduce_sum(tf.cast(bounds < tf.size(target), tf.int64))

        def shape(key):
            level, column = key // width, key % width
            target = tf.gather(tf.gather(target_bounds, level), column)
            size = tf.gather(tf.gather(rows, level), column)
            return tf.gather(source_bounds, level), target, size

        def pad(key, window):
            source, target, size = shape(key)
            batch = window.padded_batch(size, padded_shapes=([source], [target]))
            return batch.map(
                lambda s, t: tuple(
                    tf.pad(x, [[0, tf.cast(size, tf.int32) - tf.shape(x)[0]], [0, 0]])
                    for x in (s, t)
                )
            )

        return pairs.group_by_window(key, pad, window_size_func=lambda key: shape(key)[2])


def rows_of(
    longer: np.ndarray, tokens_per_batch: int | None, batch_size: int | None, multiple: int
) -> np.ndarray:
    """The rows of batches, by the length of their longer side; arguments as of `Buckets`."""
    rows = np.full_like(longer, batch_size) if batch_size else tokens_per_batch // longer
    return rows.astype("int64") // multiple * multiple


def candidates(lengths: np.ndarray) -> np.ndarray:
    """The lengths to choose bounds from: all, or quantiles where there are more than 64."""
    values = np.unique(lengths)
    if len(values) > CANDIDATES:
        share = np.linspace(0, 1, CANDIDATES + 1)[1:]
        values = np.unique(np.quantile(lengths, share, method="higher"))
    return values


def best_bounds(
    counts: np.ndarray, sources: np.ndarray, targets: np.ndarray, rows: np.ndarray
) -> list[tuple[int, list[int]]]:
    """Finds the two-level bounds with the fewest padded tokens, by dynamic programming.

    `columns` finds the best target bounds for one range of sources. The loop below it finds the
    best ranges of sources.

    Args:
        counts: float array `(S, T)`, pairs between one candidate and the next.
        sources: int array `(S,)`, ascending candidates for the source bounds.
        targets: int array `(T,)`, the same for the target bounds.
        rows: int array `(S, T)`, rows of a batch with these bounds.

    Returns:
        list of `(source bound, list of target bounds)`, ascending.
    """
    # (S + 1, T + 1): pairs below each pair of candidates
    below = np.pad(counts.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def columns(first, last):
        """The cost of sources `first` to `last` with 1 … `COLUMNS` target bounds.

        Returns:
            list of float, padded tokens for each number of bounds; list of int arrays `(T,)`,
            for each number and each last candidate the place at which its bucket begins.
        """
        pairs = below[last] - below[first]  # (T + 1,)
        tokens = rows[last - 1] * (sources[last - 1] + targets)  # (T,): of a full batch
        # (T, T): waste[i, j], padded tokens of one bucket from target candidate i up to j
        waste = np.ceil((pairs[1:] - pairs[:-1, None]).clip(0) / rows[last - 1]) * tokens
        waste = np.where(np.tri(len(targets), k=-1, dtype=bool), np.inf, waste)
        # (T + 1,): cost[j], padded tokens of the targets below candidate j
        cost = np.concatenate([[0.0], np.full(len(targets), np.inf)])
        costs, cuts = [], []
        for _ in range(COLUMNS):
            each = cost[:-1, None] + waste  # (T, T)
            cuts.append(np.argmin(each, axis=0))  # (T,)
            cost = np.concatenate([[np.inf], each.min(axis=0)])  # (T + 1,)
            costs.append(cost[-1])
        return costs, cuts

    # (S + 1, SHAPES + 1): best[last][used], the padded tokens of the sources below `last` in
    # `used` shapes, with the first source and the number of target bounds of the last level
    best = [[(0.0, 0, 0)] + [(np.inf, 0, 0)] * SHAPES]
    for last in range(1, len(sources) + 1):
        best.append([(np.inf, 0, 0)] * (SHAPES + 1))
        for first in range(last):
            for count, cost in enumerate(columns(first, last)[0], 1):
                for used in range(count, SHAPES + 1):
                    option = (best[first][used - count][0] + cost, first, count)
                    best[last][used] = min(best[last][used], option)
    table, last = [], len(sources)
    used = min(range(1, SHAPES + 1), key=lambda used: best[last][used][0])
    while last:
        _, first, count = best[last][used]
        cuts, bounds, column = columns(first, last)[1], [], len(targets)
        for cut in reversed(cuts[:count]):
            bounds.append(int(targets[column - 1]))
            column = cut[column - 1]
        table.append((int(sources[last - 1]), bounds[::-1]))
        last, used = first, used - count
    return table[::-1]
