"""Several processes that train as one, under JAX: each has a part of every batch."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Iterable, Iterator

from kerasseq.lazily import keras

HEARTBEAT = 20  # seconds without a word of a process, after which the others end


class Process(typing.NamedTuple):
    """One of several processes.

    Attributes:
        index: int, from 0. The first leads: it writes what the run keeps.
        count: int.
    """

    index: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """bool, writes what the run keeps."""
        return self.index == 0


ALONE = Process()


def join(index: int, count: int, coordinator: str) -> Process:
    """Meets the other processes; before JAX is used for anything else.

    Args:
        index: int, from 0.
        count: int.
        coordinator: str, `HOST:PORT` at which the first of them is met.

    Raises:
        ValueError: under another backend, or when the process has several devices of its own.
    """
    if keras.backend.backend() != "jax":
        raise ValueError(
            f"Expected the backend jax for several processes; received "
            f"{keras.backend.backend()!r}. Set KERAS_BACKEND=jax."
        )
    import jax

    # Of processors; a card has its own.
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(
        coordinator, count, index, heartbeat_timeout_seconds=HEARTBEAT, shutdown_timeout_seconds=60
    )
    if jax.local_device_count() != 1:
        raise ValueError(
            f"Expected one device a process; received {jax.local_device_count()}. Start a process "
            "a device, and show each its own by CUDA_VISIBLE_DEVICES."
        )
    return Process(index, count)


def leave(process: Process) -> None:
    """Parts from the other processes, once all have come so far."""
    if process.count > 1:
        import jax

        jax.distributed.shutdown()


def lost(error: Exception) -> bool:
    """Whether an error is of JAX itself, as where another process has ended.

    On processors its words are Gloo's, and it may be of any class.
    """
    if keras.backend.backend() != "jax":
        return False
    import jax

    return isinstance(error, jax.errors.JaxRuntimeError) or "Gloo" in str(error)


def compiling(process: Process) -> contextlib.AbstractContextManager[object]:
    """A context in which a model is compiled whose metrics and optimizer all processes share."""
    return _distribution().scope() if process.count > 1 else contextlib.nullcontext()


def _distribution():
    return keras.distribution.DataParallel(auto_shard_dataset=False)


@contextlib.contextmanager
def shared(model: keras.Model, process: Process) -> Iterator[None]:
    """Makes one model of those that the processes made alike, and compiled in `compiling`.

    Behind it, each has the model to itself again.

    Args:
        model: keras.Model.
        process: Process.
    """
    if process.count == 1:
        yield
        return
    distribution = _distribution()
    keras.distribution.set_distribution(distribution)
    for variable in _variables(model):
        _place(variable, distribution.get_variable_layout(variable).backend_layout)
    yield  # where it fails the processes have no more to share
    keras.distribution.set_distribution(None)
    for variable in _variables(model):
        _take(variable)
    model.train_function = model.test_function = model.predict_function = None


def alone(
    callbacks: Iterable[keras.callbacks.Callback],
) -> list[keras.callbacks.Callback]:
    """Callbacks that one process alone has, such that they see a model of their own at the end of
    an epoch, and may change it at the end of training."""
    held = []

    def take(epoch, logs):
        held.append(keras.distribution.distribution())
        keras.distribution.set_distribution(None)
        for variable in _variables(first.model):
            held.append((variable, variable._value, variable._layout))
            _take(variable)

    def give_back(epoch, logs):
        keras.distribution.set_distribution(held.pop(0))
        while held:
            variable, variable._value, variable._layout = held.pop()

    first = keras.callbacks.LambdaCallback(
        on_epoch_end=take, on_train_end=lambda logs: take(None, logs)
    )
    return [first, *callbacks, keras.callbacks.LambdaCallback(on_epoch_end=give_back)]


def _variables(model) -> Iterable[keras.Variable]:
    """All that `fit` may change: of the model, the optimizer and the metrics, each once."""
    optimizer = getattr(model, "optimizer", None)
    found = [*model.variables, *(optimizer.variables if optimizer else [])]
    found += model.metrics_variables
    return {id(each): each for each in found}.values()


def _place(variable, layout):
    """Gives a variable to all processes, of which each has the same value."""
    import jax
    import numpy as np

    value = np.asarray(variable.value)
    variable._layout = layout
    variable._value = jax.make_array_from_callback(value.shape, layout, lambda place: value[place])


def _take(variable):
    """Takes this process' own copy of a variable."""
    value = variable._value
    variable._layout = None
    if value is not None and not value.is_fully_addressable:
        variable._value = value.addressable_data(0)
