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
    """

    name = "forecaster"
    sides: tuple[str, ...] = ()
    settings: typing.ClassVar[Settings] = {
        "length": int,
        "horizon": int,
        "num_features": int,
        "num_values": int,
    }
    derived: frozenset[str] = frozenset({"num_features", "num_values"})
    program: str = "forecast"
    input_name: str = "source"
    texts: tuple[str, ...] = ()
    output: str = "values"

    def __init__(self, length: int, horizon: int, num_features: int, num_values: int) -> None:
        self.length = length
        self.horizon = horizon
        self.num_features = num_features
        self.num_values = num_values

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
        return {"source": source, "last": last}

    def one(self, row: typing.Any) -> dict[str, np.ndarray]:
        return self.batch([row])

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Forecast]:
        return [Forecast(outputs[0]["values"])]

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
            return task.outputs({"source": source, "last": last})

        return {"serving_default": (forecast, specs)}

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        source, last = (np.stack(column).astype("float32") for column in zip(*inputs, strict=True))
        return "serving_default", {"source": source, "last": last}
