"""Multi-head attention of the decoder to the encoder's memory."""

import keras

from kerasseq.layers.dot_product_attention import dot_product_attention, split_heads
from kerasseq.layers.self_attention import FusedGlorot, check_heads


@keras.saving.register_keras_serializable("kerasseq")
class CrossAttention(keras.layers.Layer):
    """Encoder-decoder attention (Vaswani et al. 2017, section 3.2.3).

    Keys and values are projected once per source by `project`, in one fused kernel.

    Args:
        num_heads: int `H`; must divide the width `D`.
        dropout: float, dropped share of the attention weights.

    Call arguments:
        x: float tensor `(B, T, D)`.
        memory: dict of `key` and `value`, `(B, H, S, D / H)`, from `project`.
        mask: bool tensor `(B, S)`; True = attend.
        training: bool.

    Returns:
        output `(B, T, D)` and weights `(B, H, T, S)`.

    Raises:
        ValueError: at build, when `num_heads` does not divide `D`.
    """

    def __init__(self, num_heads, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        dim = input_shape[-1]
        check_heads(dim, self.num_heads)
        self.query = keras.layers.Dense(dim, dtype=self.dtype_policy)
        self.key_value = keras.layers.Dense(
            2 * dim, kernel_initializer=FusedGlorot(2), dtype=self.dtype_policy
        )
        self.output_dense = keras.layers.Dense(dim, dtype=self.dtype_policy)
        for dense in (self.query, self.key_value, self.output_dense):
            dense.build((None, None, dim))

    def project(self, encoded):
        """Keys and values `(B, H, S, D / H)` of the encoder's output `(B, S, D)`."""
        key, value = split_heads(self.key_value(encoded), 2, self.num_heads)
        return {"key": key, "value": value}

    def call(self, x, memory, mask, training=False):
        (query,) = split_heads(self.query(x), 1, self.num_heads)
        context, weights = dot_product_attention(
            query, memory["key"], memory["value"], mask[:, None, None], self.dropout, training
        )
        return self.output_dense(context), weights

    def get_config(self):
        return super().get_config() | {
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
        }
