"""The arrays of a safetensors file, which holds numbers and nothing that runs."""

import pathlib

import ml_dtypes
import numpy as np
import safetensors

DTYPES = {
    "F16": np.float16, "BF16": ml_dtypes.bfloat16, "F32": np.float32, "F64": np.float64,
    "I64": np.int64,
}  # fmt: skip


def read_tensors(path):
    """The arrays of a safetensors file. The sizes in its header are checked against its own.

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
