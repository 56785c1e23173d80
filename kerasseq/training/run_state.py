"""The numbers of a run: variables of model, optimizer and metrics, and the seeds."""

from __future__ import annotations

import os
import random
import typing
from importlib import metadata

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

from kerasseq.training.callback_state import decode, encode

if typing.TYPE_CHECKING:
    from kerasseq.training.callback_state import Arrays

PACKAGES = ("kerasseq", "keras", "tensorflow", "jax", "torch", "numpy")
SEEDS = "seeds"


def variables(model: keras.Model) -> Arrays:
    """Copies of the values of all variables by name: the model's with its layers' seeds, the
    optimizer's with its averages, the metrics', and the seed of what draws without one of its
    own."""
    if hasattr(model, "jax_state_sync"):  # JAX keeps them beside the model within an epoch
        model.jax_state_sync()
    found = _variables(model).items()
    return {name: np.array(keras.ops.convert_to_numpy(each)) for name, each in found}


def set_variables(model: keras.Model, arrays: Arrays, metrics: bool) -> None:
    """Sets what `variables` gave, of a model that is built and compiled alike.

    Args:
        model: keras.Model.
        arrays: dict of arrays, others among them.
        metrics: bool, whether to set the metrics too.

    Raises:
        ValueError: for another model or optimizer, by the first variable that differs.
    """
    if SEEDS in arrays:
        global_seed_generator()  # made now, if nothing was drawn yet
    here = _variables(model)
    kinds = ("model", "optimizer", SEEDS, *(["metric"] if metrics else []))
    there = {name: array for name, array in arrays.items() if name.partition(":")[0] in kinds}
    here = {name: each for name, each in here.items() if name.partition(":")[0] in kinds}
    for name in sorted({*there, *here} - {SEEDS}):
        before, now = (
            f"{part[name].shape} of {part[name].dtype}" if name in part else "none"
            for part in (there, here)
        )
        if before != now:
            raise ValueError(
                "Expected the model, optimizer and metrics that the run began with; received "
                f"others: the variable {name} was {before} and is {now}. Make them as before, or "
                "name a new folder."
            )
    for name in sorted(there):  # processes that share a variable set it together
        here[name].assign(there[name])


def draws(arrays: Arrays) -> typing.Any:
    """Where Python's and NumPy's random numbers stand, as a JSON value.

    Args:
        arrays: dict that arrays are added to.
    """
    return encode([random.getstate(), np.random.get_state()], arrays, "draws:")


def set_draws(value: typing.Any, arrays: Arrays) -> None:
    """Sets what `draws` gave."""
    of_python, of_numpy = decode(value, arrays)
    random.setstate(of_python)
    np.random.set_state(of_numpy)


def environment() -> dict[str, str]:
    """What the same numbers depend on beside the run itself: backend, cores, and packages."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {"backend": keras.backend.backend(), "cores": str(cores)}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _variables(model):
    optimizer = getattr(model, "optimizer", None)
    seeds = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    parts = {
        "model": model.variables,
        "optimizer": optimizer.variables if optimizer else [],
        "metric": model.metrics_variables,
    }
    found = {
        f"{part}:{index:05d}": each
        for part, found in parts.items()
        for index, each in enumerate(found)
    }
    return found | ({} if seeds is None else {SEEDS: seeds.state})
