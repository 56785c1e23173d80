"""An export takes its place once it has answered as Python does."""

import contextlib
import os
import pathlib
import shutil

import keras
import numpy as np

QUANTIZATIONS = (None, "float16", "int8")


@contextlib.contextmanager
def proven(model, path, quantize=None):
    """A place beside the path, where an export is written and checked.

    What is there when the block ends is moved to the path. When the block fails it is
    removed, and what stood at the path before stays.

    Args:
        model: keras.Model that is exported.
        path: path of a new folder, or of a `.tflite` file.
        quantize: None, "float16" or "int8".

    Yields:
        pathlib.Path, a name that TF Serving takes for no version.

    Raises:
        ValueError: under another backend, for a folder in use, an unknown `quantize`, or one
            with a SavedModel, or for weights that are not finite.
    """
    path = pathlib.Path(path)
    _check(path, quantize)
    _check_weights(model)
    beside = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(beside)
    try:
        yield beside
        os.replace(beside, path)
    finally:
        _remove(beside)


def _check(path, quantize):
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected the TensorFlow backend for an export; received "
            f"{keras.backend.backend()!r}. Save it, and load it with KERAS_BACKEND=tensorflow."
        )
    if quantize not in QUANTIZATIONS:
        raise ValueError(
            f"Expected quantize to be one of {QUANTIZATIONS}; received {quantize!r}. Choose one."
        )
    if path.suffix == ".tflite":
        return
    if quantize is not None:
        raise ValueError(
            f"Expected a path ending in .tflite to quantize to {quantize!r}; received {path}. "
            "A SavedModel keeps float32."
        )
    if path.exists():
        raise ValueError(
            f"Expected a path for a new folder; received {path}, which exists. Name the next "
            "version, or remove it."
        )


def _check_weights(model):
    for weight in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            raise ValueError(
                f"Expected finite weights to export; received NaN or infinity in {weight.path}. "
                "Load an earlier checkpoint."
            )


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
