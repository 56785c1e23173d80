"""The forecaster: a series of numbers to its future."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kerasseq import training
from kerasseq.lazily import keras
from kerasseq.processing import Forecasts
from kerasseq.processing.forecasts import Forecast, Series
from kerasseq.tasks.fit_options import check_fit_options
from kerasseq.tasks.task import Task
from kerasseq.tensors import wide_float

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.data.time_series import TimeSeries
    from kerasseq.models.recurrent_forecaster import RecurrentForecaster
    from kerasseq.processing.processor import Processor
    from kerasseq.tensors import Tensor


class Forecaster(Task[Series, Series, np.ndarray, Forecast]):
    """Forecasts series with a trained model.

    Args:
        model: RecurrentForecaster of `D` features and `V` values.
        length: int `S`, the steps that are read of a series.
        horizon: int `T`, the steps to forecast.
        scales, value_scales: lists of pairs, `D` and `V`; see `kerasseq.processing.Forecasts`.
        columns: list of `D` str, the names of what is read, those that are forecast first.
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
    corpus: str | None = "TimeSeries"

    def __init__(
        self,
        model: RecurrentForecaster,
        length: int,
        horizon: int,
        *,
        scales: Sequence[Sequence[float]] = (),
        value_scales: Sequence[Sequence[float]] = (),
        columns: Sequence[str] = (),
        examples: Iterable[Series] = (),
    ) -> None:
        sizes = (model.config[name] for name in ("num_features", "num_values"))
        examples = [tuple(np.asarray(part).tolist() for part in each) for each in examples]
        processor = Forecasts(length, horizon, *sizes, scales, value_scales, columns)
        super().__init__(model, processor, examples)

    @property
    def length(self) -> int:
        """int, the steps that are read of a series."""
        return self.processor.length

    @property
    def horizon(self) -> int:
        """int, the steps to forecast."""
        return self.processor.horizon

    def fit(
        self,
        corpus: TimeSeries,
        *,
        epochs: int = 20,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        validation: TimeSeries | float | None = None,
        seed: int = 0,
        **options: typing.Any,
    ) -> keras.callbacks.History:
        """Trains the model on the windows of a series.

        The optimizer is Adam, its gradients clipped to a norm of 1. For another, compile and fit
        `model` with `batches`.

        Args:
            corpus: TimeSeries.
            epochs: int.
            batch_size: int, windows of a batch.
            learning_rate: float.
            validation: TimeSeries to measure after every epoch, or the share of the corpus' last
                steps to hold out, such as 0.1; None for none.
            seed: int, of the batches' order.
            **options: as for `keras.Model.fit`: `callbacks`, `verbose`.

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: for another corpus, or windows of another size.
        """
        counts = {"epochs": epochs, "batch_size": batch_size}
        check_fit_options(self.fit, counts, learning_rate, options)
        self.check_corpus(corpus)
        if isinstance(validation, float):
            corpus, validation = corpus.split(validation)
        windows = self.batches(corpus, batch_size, shuffle=True, seed=seed)
        held_out = None if validation is None else self.batches(validation, batch_size)
        optimizer = training.Adam(learning_rate, global_clipnorm=1.0)
        self.model.compile(optimizer, **self.objective())
        return self.model.fit(
            windows, validation_data=held_out, epochs=epochs, shuffle=False, **options
        )

    def batches(
        self, corpus: TimeSeries, batch_size: int = 32, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        """Windows for `model.fit`; see `TimeSeries.batches`."""
        self.check_corpus(corpus)
        return corpus.batches(self.processor, batch_size, shuffle=shuffle, seed=seed)

    def objective(self) -> dict[str, typing.Any]:
        """The loss of `fit`, mean absolute error: a dict of arguments for `model.compile`."""
        return {"loss": keras.losses.MeanAbsoluteError(dtype=wide_float())}

    def scores(self, corpus: TimeSeries) -> dict[str, float]:
        """The errors of the forecasts of a TimeSeries, in the series' own units.

        Returns:
            dict of `mean_absolute_error`, `root_mean_squared_error`, and
            `error_of_the_last_value`, the mean absolute error of repeating the last known values.
        """
        self.check_corpus(corpus)
        future = corpus.futures()  # (N, T, V)
        wrong = np.stack(self(list(corpus.series()))) - future
        last = np.stack([last for _, last in corpus.series()])[:, None]  # (N, 1, V)
        return {
            "mean_absolute_error": float(np.abs(wrong).mean()),
            "root_mean_squared_error": float(np.sqrt((wrong**2).mean())),
            "error_of_the_last_value": float(np.abs(last - future).mean()),
        }

    def check_corpus(self, corpus: typing.Any) -> None:
        """Refuses another corpus, and windows of other sizes than the forecaster's."""
        super().check_corpus(corpus)
        sizes = ("length", "horizon", "num_values")
        ours = [getattr(self.processor, name) for name in sizes] + [self.processor.num_features]
        theirs = [getattr(corpus, name) for name in sizes] + [corpus.steps.shape[1]]
        if ours != theirs:
            raise ValueError(
                f"Expected windows of length, horizon, values and features {ours}; received "
                f"{theirs}. Cut the series as the forecaster reads it."
            )

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
