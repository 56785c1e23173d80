"""The mean over tokens: each has the same weight, in long and in short rows."""

import keras
from keras import ops

from kerasseq.tensors import wide_float


class TokenMean(keras.metrics.Mean):
    """`Σ w x / Σ w` over all tokens since the last reset.

    Keras' Mean averages the tokens of a row first, so that a token in a longer batch counts
    less. The sums are float32 or wider.
    """

    def __init__(self, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype or wide_float())

    def update_state(self, values, sample_weight=None):
        """Adds the tokens `values` `(B, T)`, weighted by `sample_weight` `(B, T)`."""
        if sample_weight is not None:
            sample_weight = ops.reshape(sample_weight, (-1,))
        return super().update_state(ops.reshape(values, (-1,)), sample_weight=sample_weight)
