"""A model's weights as a safetensors file, which holds numbers and nothing that runs."""

import pathlib

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

from kerasseq.files import write_file

DTYPES = {
    "F16": np.float16, "BF16": ml_dtypes.bfloat16, "F32": np.float32, "F64": np.float64,
    "I64": np.int64,
}  # fmt: skip


def _names(model):
    """Names in construction order, the same for every instance of one configuration."""
    return [f"{index:04d}.{weight.name}" for index, weight in enumerate(model.weights)]


def save_weights(model, path, dtype="float32"):
    """Writes all weights in one dtype, beside the file first, then renamed.

    Args:
        model: keras.Model, built.
        path: path of the `.safetensors` file.
        dtype: "float32" or "float16".

    Raises:
        ValueError: for another dtype.
    """
    if dtype not in ("float32", "float16"):
        raise ValueError(
            f"Expected a dtype of float32 or float16; received {dtype!r}. For int8 export a "
            ".tflite file."
        )
    arrays = [np.asarray(value, dtype, order="C") for value in model.get_weights()]
    write_file(path, safetensors.numpy.save(dict(zip(_names(model), arrays, strict=True))))


def read_tensors(path):
    """The arrays of a safetensors file.

    Args:
        path: path of the file.

    Returns:
        dict from names to arrays, bfloat16 as float32.

    Raises:
        ValueError: for a damaged file, or numbers of another kind.
    """
    try:
        entries = safetensors.deserialize(pathlib.Path(path).read_bytes())
    except safetensors.SafetensorError as error:
        raise ValueError(
            f"Expected a safetensors file at {path}; received damaged data ({error}). "
            "Copy or save it again."
        ) from error
    arrays = {}
    for name, entry in entries:
        if entry["dtype"] not in DTYPES:
            raise ValueError(
                f"Expected tensors of {', '.join(DTYPES)} in {path}; received {entry['dtype']} "
                f"in {name}. Save it in one of these."
            )
        array = np.frombuffer(entry["data"], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        arrays[name] = array.astype("float32") if entry["dtype"] == "BF16" else array
    return arrays


def load_weights(model, path):
    """Sets all weights from a file that `save_weights` wrote.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, or weights of another model.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Expected weights at {path}; received no such file.")
    arrays = read_tensors(path)
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
