"""Additive attention of one decoder state to the encoder's outputs."""

import keras
from keras import ops

from kerasseq.tensors import masked_softmax


@keras.saving.register_keras_serializable("kerasseq")
class AdditiveAttention(keras.layers.Layer):
    """`score(s, h) = v · tanh(W s + U h)` (Bahdanau et al. 2015, appendix A.1.2).

    With the current decoder state as `s` this is Luong's "concat" score (Luong et al.
    2015, section 3.1), whose matrix over `[s; h]` is `W` and `U` side by side.

    Args:
        units: int `A`, width of the comparison.

    Call arguments:
        query: float tensor `(B, Q)`.
        keys: float tensor `(B, S, A)`, from `project`.
        values: float tensor `(B, S, D)`.
        mask: bool tensor `(B, S)`; True = attend.

    Returns:
        context `(B, D)` and weights `(B, S)`.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.query = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        self.key = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        self.energy = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy)

    def build(self, query_shape, values_shape):
        self.query.build(query_shape)
        self.key.build(values_shape)
        self.energy.build((None, None, self.units))

    def project(self, values):
        """The part of the score that does not change while decoding: `U h`, `(B, S, A)`."""
        return self.key(values)

    def call(self, query, keys, values, mask):
        energy = self.energy(ops.tanh(self.query(query)[:, None] + keys))[..., 0]
        weights = masked_softmax(energy, mask)
        return ops.matmul(weights[:, None], values)[:, 0], weights

    def get_config(self):
        return super().get_config() | {"units": self.units}
