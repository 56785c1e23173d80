"""Positions as vectors: sinusoids or a trained table."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("kerasseq")
class PositionEncoding(keras.layers.Layer):
    """Adds a vector for each position.

    `sinusoidal`: `PE(p, 2i) = sin(p / 10000^(2i/D))`, `PE(p, 2i+1) = cos(…)`
    (Vaswani et al. 2017, section 3.5). `learned`: one trained vector a position.

    Args:
        kind: "sinusoidal" or "learned".
        max_length: int, rows of the table; a later position shares the last row.

    Call arguments:
        x: float tensor `(B, T, D)`.
        start: scalar int, the index of the first position of `x`.

    Returns:
        float tensor `(B, T, D)`.

    Raises:
        ValueError: when `kind` is neither of the two.
    """

    def __init__(self, kind="sinusoidal", max_length=512, **kwargs):
        super().__init__(**kwargs)
        if kind not in ("sinusoidal", "learned"):
            raise ValueError(
                f'Expected kind to be "sinusoidal" or "learned"; received {kind!r}. Choose one.'
            )
        self.kind = kind
        self.max_length = max_length

    def build(self, input_shape):
        dim = input_shape[-1]
        if self.kind == "learned":
            self.table = self.add_weight(
                shape=(self.max_length, dim), initializer="glorot_uniform", name="table"
            )
        else:
            self.table = sinusoids(self.max_length, dim)

    def call(self, x, start=0):
        positions = ops.minimum(start + ops.arange(ops.shape(x)[1]), self.max_length - 1)
        table = ops.cast(ops.convert_to_tensor(self.table), x.dtype)
        return x + ops.take(table, positions, axis=0)[None]

    def get_config(self):
        return super().get_config() | {"kind": self.kind, "max_length": self.max_length}


def sinusoids(length, dim):
    """The sinusoidal table as a float32 NumPy array `(length, dim)`."""
    angle = np.arange(length)[:, None] / 10000.0 ** (np.arange(dim) // 2 * 2 / dim)
    return np.where(np.arange(dim) % 2, np.cos(angle), np.sin(angle)).astype("float32")
