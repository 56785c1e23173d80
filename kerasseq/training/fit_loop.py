"""The loop of Keras' `fit` around a callback: its data, and its other callbacks.

Keras gives a callback the model and no more. To go on exactly it takes the loop's data, whose
order depends on how often it was read, and what the other callbacks remember. Both are found among
the variables of the `fit` that is running, under the names that Keras has for them under every
backend; another Keras is refused.
"""

from __future__ import annotations

import inspect
import typing

import keras


class FitLoop:
    """The `fit` that calls a callback's `on_train_begin`.

    Attributes:
        callbacks: keras.callbacks.CallbackList.
        first_epoch: int, the `initial_epoch` that `fit` was given.

    Raises:
        RuntimeError: when no `fit` of a known Keras is running.
    """

    def __init__(self, model: keras.Model) -> None:
        frame = inspect.currentframe()
        while frame is not None and not (
            frame.f_code.co_name == "fit" and frame.f_locals.get("self") is model
        ):
            frame = frame.f_back
        found = {} if frame is None else frame.f_locals
        data, callbacks = found.get("epoch_iterator"), found.get("callbacks")
        if not hasattr(data, "_enumerate_iterator") or not hasattr(callbacks, "callbacks"):
            raise RuntimeError(
                "Expected ExactResume within fit of Keras 3.15, whose data it puts in its place; "
                f"received Keras {keras.__version__}, or another loop. Train with model.fit."
            )
        self.callbacks: keras.callbacks.CallbackList = callbacks
        self.first_epoch: int = found["initial_epoch"]
        self._data = data

    def put_around(self, first: keras.callbacks.Callback, last: keras.callbacks.Callback) -> None:
        """Puts a callback before and one behind the others, from the next event on."""
        others = [each for each in self.callbacks.callbacks if each is not last]
        self.callbacks.callbacks = [first, *others, last]

    def go_to(self, passes: int, batch: int) -> typing.Any:
        """Reads the data as `fit` did before: so many whole epochs, and so many batches of one.

        The epoch that `fit` begins next begins behind these batches.

        Returns:
            the last batch that was read; None for none.

        Raises:
            ValueError: for data with fewer batches.
        """
        last = None
        for _ in range(passes):
            with self._data.catch_stop_iteration():
                for _, _, batches in self._data._enumerate_iterator():
                    for _ in range(self._data.steps_per_execution):
                        last = next(batches)
        if batch:
            last = self._skip(batch)
        return last

    def _skip(self, batch):
        """Reads the batches before `batch` of the epoch that `fit` begins next."""
        steps, read, last = self._data._enumerate_iterator(), 0, None
        try:
            while read < batch:
                _, end, batches = next(steps)
                for _ in range(self._data.steps_per_execution):
                    last = next(batches)
                read = end + 1
        except StopIteration:
            raise ValueError(
                f"Expected at least {batch} batches an epoch, as the run had; received {read}. "
                "The data has changed: put it back, or name a new folder."
            ) from None

        def rest():
            del self._data._enumerate_iterator  # the class' own, from the next epoch on
            return steps

        self._data._enumerate_iterator = rest
        return last
