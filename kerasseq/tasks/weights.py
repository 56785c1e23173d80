"""A model's weights as a safetensors file, which holds numbers and nothing that runs."""

from __future__ import annotations

import pathlib
import typing

import numpy as np
import safetensors.numpy

from kerasseq import training
from kerasseq.files import write_file
from kerasseq.safetensors_file import read_tensors

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.files import AnyPath


def _names(model):
    """Names in construction order, the same for every instance of one configuration."""
    own = [weight.name for weight in model.weights if not weight.name.startswith("lora_")]
    return [f"{index:04d}.{name}" for index, name in enumerate(own)]


def save_weights(model: keras.Model, path: AnyPath, dtype: str = "float32") -> None:
    """Writes what `weights_file` gives beside the file first, then renamed."""
    write_file(path, weights_file(model, dtype))


def weights_file(model: keras.Model, dtype: str = "float32") -> bytes:
    """All weights in one dtype, what LoRA learned merged, as the bytes of a safetensors file.

    Args:
        model: keras.Model, built.
        dtype: "float32" or "float16".

    Raises:
        ValueError: for another dtype, or a weight beyond its range.
    """
    if dtype not in ("float32", "float16"):
        raise ValueError(
            f"Expected a dtype of float32 or float16; received {dtype!r}. For int8 export a "
            ".tflite file."
        )
    arrays, most = {}, float(np.finfo(dtype).max)
    for name, value in zip(_names(model), training.merged_weights(model), strict=True):
        largest = np.abs(value, where=np.isfinite(value), out=np.zeros_like(value)).max(initial=0)
        if largest > most:
            raise ValueError(
                f"Expected weights within {dtype}'s range, {most:.0f}; received {largest:.3g} in "
                f'{name}. Save them with dtype="float32".'
            )
        arrays[name] = np.asarray(value, dtype, order="C")
    return safetensors.numpy.save(arrays)


def load_weights(model: keras.Model, path: AnyPath) -> None:
    """Sets all weights from a file that `save_weights` wrote.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, or weights of another model.
    """
    arrays = read_tensors(path, pathlib.Path(path).parent)
    names = _names(model)
    shapes = [tuple(weight.shape) for weight in model.weights]
    found = {name: array.shape for name, array in arrays.items()}
    if found != dict(zip(names, shapes, strict=True)):
        wrong = next(iter(set(found.items()) ^ set(zip(names, shapes, strict=True))))
        raise ValueError(
            f"Expected the weights of this model in {path}; received others: {wrong[0]} of shape "
            f"{wrong[1]} is on one side only. Load with the configuration that was saved."
        )
    model.set_weights([arrays[name].astype("float32") for name in names])
