"""Scaled dot-product attention over heads: of a sequence to itself, and to the encoder."""

import keras
from keras import ops

from kerasseq.tensors import masked_softmax, write_at


def split_heads(x, parts, num_heads):
    """Cuts one fused projection into heads.

    Args:
        x: float tensor `(B, T, parts * D)`.
        parts: int, the number of fused projections (3 for query, key and value).
        num_heads: int `H`.

    Returns:
        list of `parts` float tensors `(B, H, T, D / H)`.
    """
    head_dim = x.shape[-1] // (parts * num_heads)
    x = ops.reshape(x, (*ops.shape(x)[:2], parts * num_heads, head_dim))  # (B, T, parts * H, d)
    x = ops.transpose(x, (0, 2, 1, 3))  # (B, parts * H, T, d)
    return [x] if parts == 1 else ops.split(x, parts, axis=1)


def dot_product_attention(query, key, value, mask, dropout, training=False):
    """`softmax(Q Kᵀ / √d) V` (Vaswani et al. 2017, eq. 1).

    Args:
        query: float tensor `(B, H, T, d)`.
        key: float tensor `(B, H, S, d)`.
        value: float tensor `(B, H, S, d)`.
        mask: bool tensor that broadcasts to `(B, H, T, S)`; True = attend.
        dropout: dropout layer for the weights.
        training: bool.

    Returns:
        context `(B, T, H * d)` and weights `(B, H, T, S)`, the latter before dropout.
    """
    head_dim = query.shape[-1]
    scores = ops.matmul(query * head_dim**-0.5, ops.transpose(key, (0, 1, 3, 2)))  # (B, H, T, S)
    weights = masked_softmax(scores, mask)
    context = ops.matmul(dropout(weights, training=training), value)  # (B, H, T, d)
    context = ops.transpose(context, (0, 2, 1, 3))  # (B, T, H, d)
    width = context.shape[2] * head_dim
    return ops.reshape(context, (*ops.shape(context)[:2], width)), weights


class MultiHeadAttention(keras.layers.Layer):
    """The heads, the dropout and the output layer that both kinds of attention share.

    In its `build` a subclass creates its projections and gives them to `_build_with_output`.
    """

    def __init__(self, num_heads, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def _projection(self, width, parts):
        """A dense layer that makes `parts` projections of one width with one kernel."""
        return keras.layers.Dense(
            parts * width, kernel_initializer=FusedGlorot(parts), dtype=self.dtype_policy
        )

    def _build_with_output(self, dim, *projections):
        if dim % self.num_heads:
            raise ValueError(
                f"Expected num_heads to divide the model's width; received width {dim} and "
                f"num_heads={self.num_heads}. Change one of the two."
            )
        self.output_dense = keras.layers.Dense(dim, dtype=self.dtype_policy)
        for dense in (*projections, self.output_dense):
            dense.build((None, None, dim))

    def _attend(self, query, key, value, mask, training=False):
        """The output `(B, T, D)` and the weights `(B, H, T, S)`, both over all heads."""
        context, weights = dot_product_attention(query, key, value, mask, self.dropout, training)
        return self.output_dense(context), weights

    def get_config(self):
        return super().get_config() | {"num_heads": self.num_heads, "dropout": self.dropout.rate}


@keras.saving.register_keras_serializable("kerasseq")
class SelfAttention(MultiHeadAttention):
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

    def build(self, input_shape):
        dim = input_shape[-1]
        self.query_key_value = self._projection(dim, 3)
        self._build_with_output(dim, self.query_key_value)

    def call(self, x, mask, training=False):
        query, key, value = split_heads(self.query_key_value(x), 3, self.num_heads)
        return self._attend(query, key, value, mask[:, None], training)

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
            cache: dict from `initial_cache` or the previous step.
            step: scalar int32, the index of the new position.

        Returns:
            output `(B, 1, D)` and the cache with the new position written.
        """
        query, key, value = split_heads(self.query_key_value(x), 3, self.num_heads)  # (B, H, 1, d)
        cache = {
            "key": write_at(cache["key"], key, step, axis=2),  # (B, H, max_length, d)
            "value": write_at(cache["value"], value, step, axis=2),
        }
        seen = ops.arange(cache["key"].shape[2], dtype="int32") <= step  # (max_length,)
        output, _ = self._attend(query, cache["key"], cache["value"], seen)
        return output, cache


@keras.saving.register_keras_serializable("kerasseq")
class CrossAttention(MultiHeadAttention):
    """Encoder-decoder attention (Vaswani et al. 2017, section 3.2.3).

    `project` computes keys and values once for each source, with one fused kernel.

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

    def build(self, input_shape):
        dim = input_shape[-1]
        self.query = keras.layers.Dense(dim, dtype=self.dtype_policy)
        self.key_value = self._projection(dim, 2)
        self._build_with_output(dim, self.query, self.key_value)

    def project(self, encoded):
        """Keys and values `(B, H, S, D / H)` of the encoder's output `(B, S, D)`."""
        key, value = split_heads(self.key_value(encoded), 2, self.num_heads)
        return {"key": key, "value": value}

    def call(self, x, memory, mask, training=False):
        (query,) = split_heads(self.query(x), 1, self.num_heads)
        return self._attend(query, memory["key"], memory["value"], mask[:, None, None], training)


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
