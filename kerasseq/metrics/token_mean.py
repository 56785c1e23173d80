"""The mean over tokens, whatever the lengths of their rows and batches."""

import keras
from keras import ops


class TokenMean(keras.metrics.Mean):
    """`Σ w x / Σ w` over all tokens since the last reset.

    Keras' own Mean averages the tokens of a row first, so that a token counts less the
    longer its batch is.
    """

    def update_state(self, values, sample_weight=None):
        """Adds the tokens `values` `(B, T)`, weighted by `sample_weight` `(B, T)`."""
        if sample_weight is not None:
            sample_weight = ops.reshape(sample_weight, (-1,))
        return super().update_state(ops.reshape(values, (-1,)), sample_weight=sample_weight)
