"""Residual connection with layer normalisation before or after the sublayer."""

import keras


@keras.saving.register_keras_serializable("kerasseq")
class Residual(keras.layers.Layer):
    """Wraps one sublayer `f` of a Transformer block.

    Post-norm: `LayerNorm(x + dropout(f(x)))` (Vaswani et al. 2017, section 3.1).
    Pre-norm: `x + dropout(f(LayerNorm(x)))` (Xiong et al. 2020, figure 1b).

    The block calls `y = f(residual.enter(x))`, then `residual.leave(x, y)`.

    Args:
        norm_first: bool, pre-norm if True.
        dropout: float, dropped share of the sublayer's output.
        epsilon: float, added to the variance in the normalisation.
    """

    def __init__(self, norm_first=False, dropout=0.0, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.norm_first = norm_first
        self.epsilon = epsilon
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy)

    def build(self, input_shape):
        self.norm.build(input_shape)

    def enter(self, x):
        """What the sublayer sees of `x` `(B, T, D)`."""
        return self.norm(x) if self.norm_first else x

    def leave(self, x, y, training=False):
        """Joins `x` and the sublayer's output `y`, both `(B, T, D)`."""
        joined = x + self.dropout(y, training=training)
        return joined if self.norm_first else self.norm(joined)

    def get_config(self):
        return super().get_config() | {
            "norm_first": self.norm_first,
            "dropout": self.dropout.rate,
            "epsilon": self.epsilon,
        }
