"""The forecaster: a series of numbers to its future."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable

import numpy as np

from kerasseq.lazily import keras
from kerasseq.processing import Forecasts
from kerasseq.processing.forecasts import Forecast, Series
from kerasseq.tasks.task import Task

if typing.TYPE_CHECKING:
    from kerasseq.models.recurrent_forecaster import RecurrentForecaster
    from kerasseq.processing.processor import Processor
    from kerasseq.tensors import Tensor


class Forecaster(Task[Series, Series, np.ndarray, Forecast]):
    """Forecasts series with a trained model.

    Args:
        model: RecurrentForecaster of `D` features and `V` values.
        length: int `S`, the steps that are read of a series.
        horizon: int `T`, the steps to forecast.
        examples: iterable of inputs, held out, with which an export is checked.

    Call arguments:
        inputs: a series `(S, D)` and its last known values `(V,)`, as a tuple of two float
            arrays; or a list or an iterator of such tuples.

    Returns:
        float32 array `(T, V)`; a list for a list.

    Raises:
        ValueError: for another model, or arrays of another shape.
    """

    processing: type[Processor] = Forecasts
    head: str = "RecurrentForecaster"

    def __init__(
        self,
        model: RecurrentForecaster,
        length: int,
        horizon: int,
        *,
        examples: Iterable[Series] = (),
    ) -> None:
        sizes = (model.config[name] for name in ("num_features", "num_values"))
        examples = [tuple(np.asarray(part).tolist() for part in each) for each in examples]
        super().__init__(model, Forecasts(length, horizon, *sizes), examples)

    @property
    def length(self) -> int:
        """int, the steps that are read of a series."""
        return self.processor.length

    @property
    def horizon(self) -> int:
        """int, the steps to forecast."""
        return self.processor.horizon

    def outputs(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        values = self.model.forecast(inputs["source"], inputs["last"], self.horizon)
        return {"values": values}

    def programs(self) -> dict[str, tuple[Callable[..., typing.Any], dict[str, keras.KerasTensor]]]:
        """`forecast`: `source` `(1, S, D)` and `last` `(1, V)` to `values` `(1, T, V)`."""
        sizes = self.processor
        specs = {
            "source": keras.KerasTensor((1, sizes.length, sizes.num_features), "float32"),
            "last": keras.KerasTensor((1, sizes.num_values), "float32"),
        }
        return {self.processor.program: (lambda **series: self.outputs(series), specs)}
