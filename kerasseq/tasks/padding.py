"""Lists of ids as arrays of few shapes."""

import keras
import numpy as np
from keras import ops

from kerasseq.text.vocabulary import END_ID, PAD_ID


def pad(rows):
    """Lists of ids to an int32 array of a rounded shape, so that few shapes are compiled.

    Both sides are rounded up to a power of two or one and a half of it.
    """
    length = rounded(max(map(len, rows)))
    ids = np.full((rounded(len(rows)), length), PAD_ID, "int32")
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    # Rows added to round up read only the end symbol.
    ids[len(rows) :, 0] = END_ID
    return ops.convert_to_tensor(ids) if keras.backend.backend() == "tensorflow" else ids


def by_length(lengths, batch_size):
    """Yields the places of rows in batches of like lengths, the shortest first."""
    lengths = list(lengths)
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def rounded(size):
    """The next of 1, 2, 3, 4, 6, 8, 12, 16, 24 …"""
    power = 1
    while power < size:
        if power > 1 and power + power // 2 >= size:
            return power + power // 2
        power *= 2
    return power
