"""The position-wise feed-forward network of a Transformer block."""

import keras


@keras.saving.register_keras_serializable("kerasseq")
class FeedForward(keras.layers.Layer):
    """`FFN(x) = f(x W1 + b1) W2 + b2` (Vaswani et al. 2017, eq. 2).

    Args:
        inner_dim: int, width of the inner layer.
        activation: name or callable, `f`.
        dropout: float, dropped share of the inner activations.

    Call arguments:
        x: float tensor `(B, T, D)`.
        training: bool.

    Returns:
        float tensor `(B, T, D)`.
    """

    def __init__(self, inner_dim, activation="relu", dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.inner_dim = inner_dim
        self.activation = keras.activations.get(activation)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        dim = input_shape[-1]
        self.inner = keras.layers.Dense(self.inner_dim, self.activation, dtype=self.dtype_policy)
        self.outer = keras.layers.Dense(dim, dtype=self.dtype_policy)
        self.inner.build((None, None, dim))
        self.outer.build((None, None, self.inner_dim))

    def call(self, x, training=False):
        return self.outer(self.dropout(self.inner(x), training=training))

    def get_config(self):
        return super().get_config() | {
            "inner_dim": self.inner_dim,
            "activation": keras.activations.serialize(self.activation),
            "dropout": self.dropout.rate,
        }
