"""Series of numbers, cut into windows of a past and its future."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from kerasseq.data.corpus import Corpus
from kerasseq.data.numerals import check_thousands, how_to_write
from kerasseq.data.prefetch import prefetch
from kerasseq.data.row_cells import other_columns, row_cells
from kerasseq.data.splits import check_share
from kerasseq.data.time_order import check_in_time
from kerasseq.lazily import tf

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.processing import Forecasts

Window: typing.TypeAlias = tuple[tuple[np.ndarray, np.ndarray], np.ndarray]


class TimeSeries(Corpus):
    """A series, of which every window is a row: the past that is read, and the future to forecast.

    Args:
        steps: float array `(N, D)`, the numbers of each step in order of time, evenly apart; those
            that are forecast first.
        length: int `S`, the steps that are read.
        horizon: int `T`, the steps that are forecast.
        num_values: int `V`, how many numbers of a step are forecast.
        columns: list of `D` str, their names.
        first: int, the first step that may be forecast; those before it are read alone.

    Raises:
        ValueError: for an array of another shape, a number that is not finite, or a series without
            one whole window.
    """

    unit = "windows"
    headings: tuple[str, ...] = ("past", "future")

    def __init__(
        self,
        steps: ArrayLike,
        length: int,
        horizon: int,
        *,
        num_values: int = 1,
        columns: Sequence[str] = (),
        first: int = 0,
    ) -> None:
        self.steps: np.ndarray = np.asarray(steps, "float32")
        if self.steps.ndim != 2 or not 0 < num_values <= self.steps.shape[1]:
            raise ValueError(
                f"Expected steps of shape (N, D) with {num_values} of D numbers to forecast; "
                f"received {self.steps.shape}. Give a row for each step."
            )
        if not np.isfinite(self.steps).all():
            raise ValueError(
                "Expected finite numbers in every step; received NaN or infinity in step "
                f"{int(np.argmin(np.isfinite(self.steps).all(axis=1)))}. Fill in what is missing."
            )
        self.length = length
        self.horizon = horizon
        self.num_values = num_values
        self.columns: list[str] = list(columns)
        self.first: int = max(first, length)
        if len(self) < 1:
            raise ValueError(
                f"Expected at least one window of {length} steps and the {horizon} after them; "
                f"received {len(self.steps)} steps, of which those from {first} on may be "
                "forecast. Give a longer series, or shorten length or horizon."
            )

    @classmethod
    def from_table(
        cls,
        path: AnyPath,
        values: Sequence[str | int],
        length: int,
        horizon: int,
        *,
        features: Sequence[str | int] = (),
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A series in a file, a row a step: `.csv`, `.tsv`, `.jsonl` or `.parquet`.

        Args:
            path: path of the file.
            values: list of the columns to forecast, by name; of a table also by number from 0.
            length, horizon: int, as for the class.
            features: list of further columns, which are read alone.
            encoding: str; Parquet has none.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for another ending, a column that is not there, a cell that is no finite
                number, or rows that do not stand in the order of a column of times.
        """
        columns = [*values, *features]
        steps = read_steps(path, columns, encoding=encoding)
        names = list(map(str, columns))
        return cls(steps, length, horizon, num_values=len(values), columns=names)

    def __len__(self) -> int:
        return max(0, len(self.steps) - self.horizon + 1 - self.first)

    def __iter__(self) -> Iterator[Window]:
        """Iterates over `((past (S, D), last values (V,)), future (T, V))`."""
        for start in range(self.first, self.first + len(self)):
            past = self.steps[start - self.length : start]
            future = self.steps[start : start + self.horizon, : self.num_values]
            yield (past, past[-1, : self.num_values]), future

    def series(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Iterates over what a Forecaster takes of each window."""
        return (given for given, _ in self)

    def futures(self) -> np.ndarray:
        """What is to be forecast of all windows: float32 array `(N, T, V)`."""
        return np.stack([future for _, future in self])

    def scales(self) -> list[list[float]]:
        """The mean and the standard deviation of each number of a step: a list of `D` pairs."""
        deviations = self.steps.std(axis=0, dtype="float64")
        means = self.steps.mean(axis=0, dtype="float64")
        pairs = zip(means, np.where(deviations > 0, deviations, 1.0), strict=True)
        return [[float(mean), float(deviation)] for mean, deviation in pairs]

    def split(self, share: float) -> tuple[typing.Self, typing.Self]:
        """The steps before, and those after, which no window of the first part has seen.

        Args:
            share: float above 0 and below 1, of the steps, the last of which are held out.

        Raises:
            ValueError: for another share, or when a part is without one window.
        """
        check_share(share)
        border = len(self.steps) - round(share * len(self.steps))
        return self._of(self.steps[:border], self.first), self._of(self.steps, border)

    def _of(self, steps, first):
        sizes = {"num_values": self.num_values, "columns": self.columns, "first": first}
        return type(self)(steps, self.length, self.horizon, **sizes)

    def batches(
        self, processor: Forecasts, batch_size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        """Windows for `model.fit`, scaled as a forecaster's processor scales them.

        Args:
            processor: Forecasts.
            batch_size: int.
            shuffle: bool, another order every epoch.
            seed: int, of the order.

        Returns:
            `tf.data.Dataset` of `(x, y)`: `x` a dict of `source` `(B, S, D)` and `target`
            `(B, T, V)`, the last known values and those after them but the last; `y` `(B, T, V)`;
            all float32.
        """
        scaled = processor.scaled(self.steps)
        values = processor.scaled_values(self.steps[:, : self.num_values])
        starts = tf.data.Dataset.range(self.first, self.first + len(self))
        if shuffle:
            starts = starts.shuffle(len(self), seed=seed)

        def windows(starts):
            def steps(table, begin, count):
                return tf.gather(table, starts[:, None] + tf.range(begin, begin + count))

            table = tf.constant(values)
            source = steps(tf.constant(scaled), tf.cast(-self.length, tf.int64), self.length)
            target = steps(table, tf.cast(-1, tf.int64), self.horizon)
            future = steps(table, tf.cast(0, tf.int64), self.horizon)
            return {"source": source, "target": target}, future

        return prefetch(starts.batch(batch_size).map(windows))


def read_steps(
    path: AnyPath, columns: Sequence[str | int], *, encoding: str = "utf-8"
) -> np.ndarray:
    """Reads columns of numbers; see `TimeSeries.from_table`.

    Returns:
        float32 array `(N, D)`.
    """
    if not columns:
        raise ValueError(f"Expected columns of {path} to read; received none. Name them.")
    others = other_columns(path, columns, encoding=encoding)
    rows = list(row_cells(path, columns, list(others), encoding=encoding))
    stand = [where for where, _ in rows]
    of_columns = list(zip(*(cells for _, cells in rows), strict=True))
    for name, cells in zip(columns, of_columns, strict=False):
        check_thousands(cells, f"column {name!r} of {path}")
    found = [_numbers(cells[: len(columns)], columns, where) for where, cells in rows]
    check_in_time(zip(others.values(), of_columns[len(columns) :], strict=False), stand)
    return np.array(found, "float32").reshape(len(found), len(columns))


def _numbers(cells, columns, where):
    found = []
    for name, cell in zip(columns, cells, strict=True):
        try:
            found.append(float(cell))
        except (TypeError, ValueError):
            found.append(math.nan)
        if isinstance(cell, bool) or not math.isfinite(found[-1]):
            raise ValueError(
                f"Expected a finite number in column {name!r} of {where}; received "
                f"{cell!r:.40}. {how_to_write(cell)}"
            )
    return found
