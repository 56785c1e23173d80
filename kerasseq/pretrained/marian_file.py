"""The tensors of Marian's binary file, `model.*.bin`: numbers alone, nothing that runs.

The file holds a version and a count, a header an item (four lengths), the names, the shapes, a gap
up to an aligned place, and the items' bytes, each filled up to a multiple of 256. A matrix of
`intgemm8` stands there transposed, as int8, with the float32 multiplier `m` behind it: a weight
is `q / m`. Embeddings alone, whose names hold "Wemb", are not transposed.
"""

import math
import struct

import numpy as np

VERSION = 1
HEADER = struct.Struct("<4Q")  # lengths of the name, the shape and the data; the type second
COUNTS = struct.Struct("<2Q")
INT8, FLOAT32, INTGEMM8 = 0x0101, 0x0404, 0x4101
SETTINGS = "special:model.yml"
ALIGNMENT = 256
LARGEST_RANK = 4
# What other types are called, for those who convert the model again.
REFUSED = {
    0x0402: "float16",
    0x0408: "float64",
    0x4102: "intgemm16",
} | {
    kind | size: f"intgemm{8 * size} prepared for one processor"
    for size in (1, 2)
    for kind in (0x5100, 0x6100, 0x7100, 0x14100)
}


def read_marian(path):
    """The tensors and the settings of a file. Every length is held against the file's own
    before anything is made of it.

    Args:
        path: path of a file with float32 or intgemm8 (with or without alphas) tensors.

    Returns:
        dict from names to float32 arrays, without the alphas (`…_QuantMultA`), which say how an
        int8 engine rounds activations; and a str, the text of `special:model.yml`.

    Raises:
        ValueError: for a damaged file, or numbers of another kind, by their name.
    """
    size = path.stat().st_size
    if size < COUNTS.size:
        raise ValueError(
            f"Expected a Marian model of at least {COUNTS.size} bytes at {path}; received {size}. "
            "Copy the file again."
        )
    file = _Bytes(path, np.memmap(path, np.uint8, "r"))
    version, count = COUNTS.unpack(file.take(COUNTS.size, "the counts"))
    if version != VERSION:
        raise ValueError(
            f"Expected version {VERSION} of Marian's binary files at {path}; received {version}. "
            "Name a model.*.bin that marian-conv wrote."
        )
    headers = list(HEADER.iter_unpack(file.take(HEADER.size * count, f"{count} headers")))
    names = [file.name(length) for length, *_ in headers]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise file.damaged(f"each name once; received {twice!r} twice")
    shapes = [file.shape(name, rank) for name, (_, _, rank, _) in zip(names, headers, strict=True)]
    file.take(*file.gap())
    tensors, settings = {}, None
    for name, shape, (_, kind, _, length) in zip(names, shapes, headers, strict=True):
        data = file.take(length, f"the bytes of {name!r}")
        file.check_length(name, kind, shape, length)
        if kind == INT8:
            settings = data.tobytes().rstrip(b"\0")
        elif not name.endswith("_QuantMultA"):
            tensors[name] = file.array(name, kind, shape, data)
    if file.left():
        raise file.damaged(f"an end behind the last tensor; received {file.left()} bytes more")
    if settings is None:
        raise file.damaged(f"{SETTINGS}, which describes the model; received none")
    try:
        return tensors, settings.decode("utf-8")
    except UnicodeDecodeError as error:
        raise file.damaged(f"UTF-8 in {SETTINGS}; received other bytes ({error})") from error


class _Bytes:
    """The bytes of a file, taken from the front."""

    def __init__(self, path, data):
        self.path = path
        self.data = data
        self.place = 0

    def left(self):
        return len(self.data) - self.place

    def damaged(self, said):
        return ValueError(f"Expected {said} in {self.path}. Copy the file again.")

    def take(self, length, what):
        """The next bytes, which must be there."""
        if length > self.left():
            raise self.damaged(
                f"{what} within the {self.left()} bytes that are left; received {length} bytes"
            )
        self.place += length
        return self.data[self.place - length : self.place]

    def name(self, length):
        """The next name: ASCII that a NUL ends."""
        found = self.take(length, "a name").tobytes()
        text, end, rest = found.partition(b"\0")
        if not text or not end or rest or not text.isascii():
            raise self.damaged(f"names that a NUL ends; received {found!r:.80}")
        return text.decode("ascii")

    def shape(self, name, rank):
        """The next shape, of sizes above 0."""
        if not 1 <= rank <= LARGEST_RANK:
            raise self.damaged(f"1 to {LARGEST_RANK} sizes of {name!r}; received {rank}")
        found = tuple(self.take(4 * rank, f"the shape of {name!r}").view("<i4").tolist())
        if min(found) < 1:
            raise self.damaged(f"sizes above 0 of {name!r}; received {found}")
        return found

    def gap(self):
        """The length of the gap before the data, and what it is."""
        (length,) = struct.unpack("<Q", self.take(8, "the length of the gap"))
        return length, "the gap before the data"

    def check_length(self, name, kind, shape, length):
        """Refuses a type that is not read, or other bytes than a shape needs."""
        if kind not in (FLOAT32, INTGEMM8) and not (kind == INT8 and name == SETTINGS):
            raise ValueError(
                f"Expected float32 or intgemm8 in {self.path}; received "
                f"{REFUSED.get(kind, f'type {kind:#x}')} in {name!r}. Convert the model with "
                "marian-conv --gemm-type intgemm8, or float32."
            )
        elements = math.prod(shape)
        needed = {FLOAT32: 4 * elements, INTGEMM8: elements + 4, INT8: elements}[kind]
        if not needed <= length < needed + ALIGNMENT:
            raise self.damaged(
                f"{needed} bytes, filled up to a multiple of {ALIGNMENT}, for {name!r} of shape "
                f"{shape}; received {length}"
            )

    def array(self, name, kind, shape, data):
        """The float32 array of a tensor's bytes."""
        elements = math.prod(shape)
        if kind == FLOAT32:
            found = data[: 4 * elements].view("<f4").astype("float32").reshape(shape)
        else:
            (multiplier,) = data[elements : elements + 4].view("<f4").tolist()
            if not (math.isfinite(multiplier) and multiplier > 0):
                raise self.damaged(f"a multiplier above 0 of {name!r}; received {multiplier}")
            found = data[:elements].view("int8").astype("float32") / np.float32(multiplier)
            if "Wemb" in name:
                found = found.reshape(shape)
            elif len(shape) == 2:
                found = found.reshape(shape[::-1]).T
            else:
                raise self.damaged(f"a matrix of {name!r}; received shape {shape}")
        if not np.isfinite(found).all():
            raise self.damaged(f"finite numbers in {name!r}; received NaN or infinity")
        return found
