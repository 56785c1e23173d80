"""Series of numbers to their future."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from kerasseq.processing.processor import ArrayProcessor, Settings

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable


Series: typing.TypeAlias = tuple[ArrayLike, ArrayLike]


class Forecast(typing.NamedTuple):
    """The future of one series.

    Attributes:
        values: float32 array `(T, V)`, of each of the next steps.
    """

    values: np.ndarray


class Forecasts(ArrayProcessor):
    """Series to arrays of one length, and the model's values to forecasts.

    Args:
        length: int `S`, the steps that the model reads.
        horizon: int `T`, the steps to forecast.
        num_features: int `D`, numbers of a step that is read.
        num_values: int `V`, numbers of a step that is forecast.
        scales: list of `D` pairs, the mean and the deviation of each number that is read: the model
            reads their distance from it; [] to read them as they are.
        value_scales: list of `V` pairs, the same of those that are forecast.
        columns: list of `D` str, their names, those that are forecast first; [] for none.

    Raises:
        ValueError: for other numbers of scales or columns, or a deviation that is not above 0.
    """

    name = "forecaster"
    sides: tuple[str, ...] = ()
    settings: typing.ClassVar[Settings] = {
        "length": int,
        "horizon": int,
        "num_features": int,
        "num_values": int,
        "scales": list,
        "value_scales": list,
        "columns": list,
    }
    added: frozenset[str] = frozenset({"scales", "value_scales", "columns"})
    derived: frozenset[str] = frozenset({"num_features", "num_values"})
    program: str = "forecast"
    input_name: str = "source"
    texts: tuple[str, ...] = ()
    output: str = "values"

    def __init__(
        self,
        length: int,
        horizon: int,
        num_features: int,
        num_values: int,
        scales: Sequence[Sequence[float]] = (),
        value_scales: Sequence[Sequence[float]] = (),
        columns: Sequence[str] = (),
    ) -> None:
        self.length = length
        self.horizon = horizon
        self.num_features = num_features
        self.num_values = num_values
        self.scales: list[list[float]] = _checked(scales, num_features, "scales")
        self.value_scales: list[list[float]] = _checked(value_scales, num_values, "value_scales")
        self.columns: list[str] = list(columns)
        if self.columns and len(self.columns) != num_features:
            raise ValueError(
                f"Expected {num_features} columns, one for each number that is read; received "
                f"{', '.join(map(str, columns))}. Name them all."
            )

    def scaled(self, steps: np.ndarray) -> np.ndarray:
        """What the model reads of steps `(…, D)`, as float32."""
        return _scaled(steps, self.scales)

    def scaled_values(self, values: np.ndarray) -> np.ndarray:
        """What the model reads, or is taught, of values `(…, V)`, as float32."""
        return _scaled(values, self.value_scales)

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        return isinstance(inputs, tuple)

    @classmethod
    def check(cls, inputs: typing.Any) -> Iterable[typing.Any]:
        if cls.is_one(inputs) or not hasattr(inputs, "__iter__"):
            raise ValueError(
                f"Expected an iterable of pairs of a series and its last values; received "
                f"{type(inputs).__name__}. Put a single pair into a list."
            )
        return inputs

    def clean(self, given: Series) -> list[np.ndarray]:
        """The series `(S, D)` and its last values `(V,)`, as float32 arrays."""
        shapes = (self.length, self.num_features), (self.num_values,)
        try:
            found = [np.asarray(part, "float32") for part in given]
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Expected a series and its last values, arrays of numbers; received {given!r:.60} "
                f"({error}). Give both in a tuple."
            ) from error
        if tuple(part.shape for part in found) != shapes:
            raise ValueError(
                f"Expected a series of shape {shapes[0]} and last values of shape {shapes[1]}; "
                f"received {', '.join(str(part.shape) for part in found)}. Cut the series."
            )
        if not all(np.isfinite(part).all() for part in found):
            raise ValueError(
                "Expected finite numbers in a series and its last values; received NaN or "
                "infinity. Fill in what is missing, or cut the series."
            )
        return found

    def rows(self, given: typing.Any) -> list[typing.Any]:
        return [given]

    def size(self, row: typing.Any) -> int:
        return 0

    def batch(self, rows: list[typing.Any]) -> dict[str, np.ndarray]:
        source, last = (np.stack(column) for column in zip(*rows, strict=True))
        return {"source": self.scaled(source), "last": self.scaled_values(last)}

    def one(self, row: typing.Any) -> dict[str, np.ndarray]:
        return self.batch([row])

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Forecast]:
        return [Forecast(_unscaled(outputs[0]["values"], self.value_scales))]

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """`serving_default`: `source` `(B, S, D)` and `last` `(B, V)`, the last known values,
        to `values` `(B, T, V)`, all float32."""
        import tensorflow as tf

        specs = [
            tf.TensorSpec((None, self.length, self.num_features), tf.float32, name="source"),
            tf.TensorSpec((None, self.num_values), tf.float32, name="last"),
        ]

        def forecast(source, last):
            given = _scaled(source, self.scales), _scaled(last, self.value_scales)
            found = task.outputs(dict(zip(("source", "last"), given, strict=True)))
            return {"values": _unscaled(found["values"], self.value_scales)}

        return {"serving_default": (forecast, specs)}

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        source, last = (np.stack(column).astype("float32") for column in zip(*inputs, strict=True))
        return "serving_default", {"source": source, "last": last}


def _checked(scales, count, name):
    """Pairs of numbers, one for each of `count`, or none."""
    found = [[float(number) for number in pair] for pair in scales]
    if found and (len(found) != count or not all(len(p) == 2 and p[1] > 0 for p in found)):
        raise ValueError(
            f"Expected {count} pairs of a mean and a deviation above 0 in {name}; received "
            f"{scales!r:.60}. Give one for each number of a step."
        )
    return found


def _columns(scales):
    """Means and deviations, as two float32 arrays."""
    return np.array(scales, "float32").T


def _scaled(numbers, scales):
    """The distances from the means, in deviations: arrays or tensors `(…, D)`."""
    if not scales:
        return numbers
    means, deviations = _columns(scales)
    return (numbers - means) / deviations


def _unscaled(numbers, scales):
    if not scales:
        return numbers
    means, deviations = _columns(scales)
    return numbers * deviations + means
