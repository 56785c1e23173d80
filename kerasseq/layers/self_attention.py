"""Multi-head attention of a sequence to itself."""

import keras
from keras import ops

from kerasseq.layers.dot_product_attention import dot_product_attention, split_heads
from kerasseq.tensors import write_at


@keras.saving.register_keras_serializable("kerasseq")
class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention (Vaswani et al. 2017, section 3.2.2), one fused projection.

    Args:
        num_heads: int `H`; must divide the width `D`.
        dropout: float, dropped share of the attention weights.

    Call arguments:
        x: float tensor `(B, T, D)`.
        mask: bool tensor that broadcasts to `(B, T, T)`; True = attend.
        training: bool.

    Returns:
        output `(B, T, D)` and weights `(B, H, T, T)`.

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
        self.query_key_value = keras.layers.Dense(
            3 * dim, kernel_initializer=FusedGlorot(3), dtype=self.dtype_policy
        )
        self.output_dense = keras.layers.Dense(dim, dtype=self.dtype_policy)
        self.query_key_value.build((None, None, dim))
        self.output_dense.build((None, None, dim))

    def call(self, x, mask, training=False):
        query, key, value = split_heads(self.query_key_value(x), 3, self.num_heads)
        context, weights = dot_product_attention(
            query, key, value, mask[:, None], self.dropout, training
        )
        return self.output_dense(context), weights

    def initial_cache(self, batch_size, max_length, dim):
        """An empty key/value cache: a dict of two zero tensors `(B, H, max_length, D / H)`."""
        shape = (batch_size, self.num_heads, max_length, dim // self.num_heads)
        return {
            "key": ops.zeros(shape, self.compute_dtype),
            "value": ops.zeros(shape, self.compute_dtype),
        }

    def step(self, x, cache, step):
        """Attends from one new position to itself and all earlier ones.

        Args:
            x: float tensor `(B, 1, D)`, the new position.
            cache: dict as `initial_cache` makes it.
            step: scalar int32, the index of the new position.

        Returns:
            output `(B, 1, D)` and the cache with the new position written.
        """
        query, key, value = split_heads(self.query_key_value(x), 3, self.num_heads)
        cache = {
            "key": write_at(cache["key"], key, step, axis=2),
            "value": write_at(cache["value"], value, step, axis=2),
        }
        seen = ops.arange(cache["key"].shape[2], dtype="int32") <= step
        context, _ = dot_product_attention(
            query, cache["key"], cache["value"], seen, self.dropout, training=False
        )
        return self.output_dense(context), cache

    def get_config(self):
        return super().get_config() | {
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
        }


def check_heads(dim, num_heads):
    """Refuses a number of heads that does not divide the width."""
    if dim % num_heads:
        raise ValueError(
            f"Expected num_heads to divide the model's width; received width {dim} and "
            f"num_heads={num_heads}. Change one of the two."
        )


@keras.saving.register_keras_serializable("kerasseq")
class FusedGlorot(keras.initializers.Initializer):
    """Glorot-uniform for each of several projections that share one kernel.

    Args:
        parts: int, the number of projections fused along the kernel's last axis.
    """

    def __init__(self, parts):
        self.parts = parts

    def __call__(self, shape, dtype=None):
        fan_in, fan_out = shape[0], shape[1] // self.parts
        limit = (6.0 / (fan_in + fan_out)) ** 0.5
        return keras.random.uniform(shape, -limit, limit, dtype=dtype)

    def get_config(self):
        return {"parts": self.parts}
