"""Maxout units."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasseq")
class Maxout(keras.layers.Layer):
    """`max(x W_1, x W_2)`, each unit the larger of two linear ones (Goodfellow et al. 2013, eq. 1).

    Without a bias, as in Cho et al. 2014 (appendix A.1) and Bahdanau et al. 2015 (appendix
    A.2.2). Unlike a tanh it cannot saturate.

    Args:
        units: int `D`.

    Call arguments:
        x: float tensor `(…, W)`.

    Returns:
        float tensor `(…, D)`.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.pieces = keras.layers.Dense(2 * units, use_bias=False, dtype=self.dtype_policy)

    def build(self, input_shape):
        self.pieces.build(input_shape)

    def call(self, x):
        first, second = ops.split(self.pieces(x), 2, axis=-1)
        return ops.maximum(first, second)

    def get_config(self):
        return super().get_config() | {"units": self.units}
