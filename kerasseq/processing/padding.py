"""Rows of like sizes, and their ids as one array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerasseq.text.checks import check_whole


def by_size(sizes: Iterable[int], batch_size: int) -> Iterator[list[int]]:
    """Cuts examples of these sizes in batches of like sizes: lists of their places.

    Raises:
        ValueError: for a batch size that is no whole number of at least 1.
    """
    check_whole("batch_size", batch_size)
    sizes = list(sizes)
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def pad(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Lists of ids to an int32 array of a rounded shape.

    Both sides are rounded up to a power of two or one and a half of it. A row that was added so
    reads the first token of the first row, if it has one, for nothing is no text.
    """
    ids = np.zeros((rounded(len(rows)), rounded(max(map(len, rows)))), "int32")
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    ids[len(rows) :, 0] = ids[0, 0]
    return ids


def rounded(size: int) -> int:
    """The next of 1, 2, 3, 4, 6, 8, 12, 16, 24 …"""
    power = 1
    while power < size:
        if power > 1 and power + power // 2 >= size:
            return power + power // 2
        power *= 2
    return power
