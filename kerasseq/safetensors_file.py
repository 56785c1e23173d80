"""The arrays of a safetensors file, which holds numbers and nothing that runs."""

import itertools
import math
import pathlib
import struct

import ml_dtypes
import numpy as np
import safetensors

from kerasseq.untrusted import check_place

DTYPES = {
    "F16": np.float16, "BF16": ml_dtypes.bfloat16, "F32": np.float32, "F64": np.float64,
    "I64": np.int64,
}  # fmt: skip


def read_shapes(path, folder=None):
    """The shapes of a file's arrays, before any of them is read.

    Args:
        path: path of the file.
        folder: path that it must stay below when it is a link.

    Returns:
        dict from names to tuples of int, in the order of the file.

    Raises:
        FileNotFoundError, ValueError: as `read_tensors`.
    """
    return {name: shape for name, (_, shape) in _header(path, folder).items()}


def read_tensors(path, folder=None):
    """The arrays of a safetensors file. The sizes in its header are checked against its own.

    An array stays in the file until it is looked at.

    Args:
        path: path of the file.
        folder: path that it must stay below when it is a link.

    Returns:
        dict from names to read-only arrays, bfloat16 as float32.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, or numbers of another kind.
    """
    header = _header(path, folder)
    content = np.memmap(path, np.uint8, "r")
    (length,) = struct.unpack("<Q", content[:8])
    sizes = [math.prod(shape) * np.dtype(DTYPES[kind]).itemsize for kind, shape in header.values()]
    starts = itertools.accumulate(sizes, initial=8 + length)  # the library refuses gaps
    arrays = {}
    for (name, (kind, shape)), start, size in zip(header.items(), starts, sizes, strict=False):
        array = np.frombuffer(content[start : start + size], DTYPES[kind]).reshape(shape)
        arrays[name] = array.astype("float32") if kind == "BF16" else array
    return arrays


def _header(path, folder):
    """Kinds and shapes by name, in the order of the file."""
    path = pathlib.Path(path)
    check_place(path, folder)
    try:
        with safetensors.safe_open(path, "numpy") as file:
            parts = {name: file.get_slice(name) for name in file.offset_keys()}
            found = {
                name: (part.get_dtype(), tuple(part.get_shape())) for name, part in parts.items()
            }
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise ValueError(
            f"Expected a safetensors file at {path}; received damaged data ({error}). "
            "Copy or save it again."
        ) from error
    for name, (kind, _) in found.items():
        if kind not in DTYPES:
            raise ValueError(
                f"Expected tensors of {', '.join(DTYPES)} in {path}; received {kind} "
                f"in {name!r:.80}. Save it in one of these."
            )
    return found
