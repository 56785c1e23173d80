"""Python's texts as a `tf.data.Dataset`: what a graph reads is what Python reads."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Iterator

import numpy as np

from kerasseq.lazily import tf

ROWS_A_CALL = 1024


def string_dataset(
    rows: Callable[[], Iterator[tuple[str, ...]]], columns: int
) -> tf.data.Dataset[typing.Any]:
    """Streams rows of texts.

    Args:
        rows: function without arguments to an iterator of tuples of str.
        columns: int, texts in a row.

    Returns:
        `tf.data.Dataset` of tuples of scalar strings.
    """

    def runs():
        left = rows()
        while run := list(itertools.islice(left, ROWS_A_CALL)):
            yield tuple(
                np.array([text.encode("utf-8", "surrogatepass") for text in column], object)
                for column in zip(*run, strict=True)
            )

    signature = (tf.TensorSpec((None,), tf.string),) * columns
    return tf.data.Dataset.from_generator(runs, output_signature=signature).unbatch()
