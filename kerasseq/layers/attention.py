"""Scaled dot-product attention over heads: of a sequence to itself, and to the encoder."""

import keras
from keras import ops

from kerasseq.layers.positions import rotate
from kerasseq.tensors import empty_buffer, masked_softmax, write_at


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


def dot_product_attention(query, key, value, mask, dropout, training=False, scaled=True, bias=None):
    """`softmax(Q Kᵀ / √d + bias) V` (Vaswani et al. 2017, eq. 1).

    Args:
        query: float tensor `(B, H, T, d)`.
        key: float tensor `(B, H, S, d)`.
        value: float tensor `(B, H, S, d)`.
        mask: bool tensor that broadcasts to `(B, H, T, S)`; True = attend. None for all.
        dropout: dropout layer for the weights.
        training: bool.
        scaled: bool, whether the products are divided by `√d`.
        bias: float tensor that broadcasts to `(B, H, T, S)`, or None; see `RelativePositions`.

    Returns:
        context `(B, T, H * d)` and weights `(B, H, T, S)`, the latter before dropout.
    """
    head_dim = query.shape[-1]
    query = query * head_dim**-0.5 if scaled else query
    scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))  # (B, H, T, S)
    scores = scores if bias is None else scores + bias
    weights = masked_softmax(scores, mask)
    context = ops.matmul(dropout(weights, training=training), value)  # (B, H, T, d)
    context = ops.transpose(context, (0, 2, 1, 3))  # (B, T, H, d)
    width = context.shape[2] * head_dim
    return ops.reshape(context, (*ops.shape(context)[:2], width)), weights


class MultiHeadAttention(keras.layers.Layer):
    """The heads, the dropout and the output layer that both kinds of attention share.

    In its `build` a subclass creates its projections and gives them to `_build_with_output`.

    Args:
        num_heads: int `H`; must divide the width `D` unless the heads have their own.
        dropout: float, dropped share of the attention weights.
        head_dim: int `d`, width of a head; default `D / H`.
        use_bias: bool, whether the projections have biases.
        scaled: bool, whether the products of queries and keys are divided by `√d`.
    """

    def __init__(self, num_heads, dropout=0.0, head_dim=None, use_bias=True, scaled=True, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.head_dim = head_dim
        self.use_bias = use_bias
        self.scaled = scaled

    def _width(self, dim):
        """The width `d` of a head, in a model of width `D`."""
        if self.head_dim is None and dim % self.num_heads:
            raise ValueError(
                f"Expected num_heads to divide the model's width; received width {dim} and "
                f"num_heads={self.num_heads}. Change one of the two, or give head_dim."
            )
        return self.head_dim or dim // self.num_heads

    def _projection(self, dim, parts):
        """A dense layer that makes `parts` projections to all heads with one kernel."""
        initializer = "glorot_uniform" if parts == 1 else FusedGlorot(parts)
        width = parts * self.num_heads * self._width(dim)
        return self._dense(width, kernel_initializer=initializer)

    def _dense(self, width, **options):
        return keras.layers.Dense(width, use_bias=self.use_bias, dtype=self.dtype_policy, **options)

    def _build_with_output(self, dim, *projections):
        self.output_dense = self._dense(dim)
        for dense in projections:
            dense.build((None, None, dim))
        self.output_dense.build((None, None, self.num_heads * self._width(dim)))

    def _attend(self, query, key, value, mask, training=False, bias=None):
        """The output `(B, T, D)` and the weights `(B, H, T, S)`, both over all heads."""
        context, weights = self._context(query, key, value, mask, training, bias)
        return self.output_dense(context), weights

    def _context(self, query, key, value, mask, training=False, bias=None):
        """As `_attend`, before the output layer: `(B, T, H * d)`."""
        return dot_product_attention(
            query, key, value, mask, self.dropout, training, self.scaled, bias
        )

    def get_config(self):
        return super().get_config() | {
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
            "head_dim": self.head_dim,
            "use_bias": self.use_bias,
            "scaled": self.scaled,
        }


@keras.saving.register_keras_serializable("kerasseq")
class SelfAttention(MultiHeadAttention):
    """Multi-head self-attention (Vaswani et al. 2017, section 3.2.2), one fused projection.

    Args:
        num_heads, dropout, head_dim, use_bias, scaled: as for `MultiHeadAttention`.
        rotary_base: float, of the angles by which queries and keys are turned; see
            `kerasseq.layers.positions.rotate`. None to leave them as they are.
        window: int, how far positions see each other (Beltagy et al. 2020, section 3.1); None
            for all.

    Call arguments:
        x: float tensor `(B, T, D)`.
        mask: bool tensor that broadcasts to `(B, T, T)`; True = attend.
        training: bool.
        bias: float tensor `(1, H, T, T)`, added to the scores; None without one.

    Returns:
        output `(B, T, D)` and weights `(B, H, T, T)`.

    Raises:
        ValueError: at build, when `num_heads` does not divide `D` and `head_dim` is None; for
            heads of an odd width with `rotary_base`.
    """

    def __init__(self, num_heads, *args, rotary_base=None, window=None, **kwargs):
        super().__init__(num_heads, *args, **kwargs)
        self.rotary_base = rotary_base
        self.window = window

    def build(self, input_shape):
        dim = input_shape[-1]
        if self.rotary_base is not None and self._width(dim) % 2:
            raise ValueError(
                f"Expected heads of an even width with rotary_base; received {self._width(dim)}. "
                "Change num_heads or head_dim."
            )
        self.query_key_value = self._projection(dim, 3)
        self._build_with_output(dim, self.query_key_value)

    def call(self, x, mask, training=False, bias=None):
        query, key, value = split_heads(self.query_key_value(x), 3, self.num_heads)
        query, key, mask = self._turn(query), self._turn(key), mask[:, None]  # (B, 1, T, T)
        if self.window is not None:
            places = ops.arange(ops.shape(x)[1], dtype="int32")
            mask = mask & (ops.abs(places[:, None] - places) <= self.window)
        return self._attend(query, key, value, mask, training, bias)

    def _turn(self, x, start=0):
        return x if self.rotary_base is None else rotate(x, self.rotary_base, start)

    def initial_cache(self, batch_size, max_length, dim):
        """An empty key/value cache: a dict of two buffers `(B, H, T, d)`.

        `T` is `max_length`, or open; see `kerasseq.tensors.empty_buffer`.
        """
        shape = (batch_size, self.num_heads, max_length, self._width(dim))
        return {
            "key": empty_buffer(shape, 2, self.compute_dtype),
            "value": empty_buffer(shape, 2, self.compute_dtype),
        }

    def step(self, x, cache, step, bias=None):
        """Attends from one new position to itself and all earlier ones.

        Args:
            x: float tensor `(B, D)`, the new position.
            cache: dict from `initial_cache` or the previous step.
            step: scalar int32, the index of the new position.
            bias: float tensor `(1, H, 1, T)`, added to the scores; None without one.

        Returns:
            output `(B, D)` and the cache with the new position written.
        """
        every = self.query_key_value(x)  # (B, 3 H d)
        shape = (ops.shape(x)[0], 3 * self.num_heads, 1, every.shape[-1] // (3 * self.num_heads))
        query, key, value = ops.split(ops.reshape(every, shape), 3, axis=1)  # (B, H, 1, d)
        query, key = self._turn(query, step), self._turn(key, step)
        cache = {
            "key": write_at(cache["key"], key, step, axis=2),  # (B, H, T, d)
            "value": write_at(cache["value"], value, step, axis=2),
        }
        seen = None
        if cache["key"].shape[2] is not None or self.window is not None:
            places = ops.arange(ops.shape(cache["key"])[2], dtype="int32")
            seen = places <= step  # (T,); an open cache holds what was written and no more
            if self.window is not None:
                seen = seen & (step - places <= self.window)
        context, _ = self._context(query, cache["key"], cache["value"], seen, bias=bias)
        return self.output_dense(context[:, 0]), cache

    def get_config(self):
        positions = {"rotary_base": self.rotary_base, "window": self.window}
        return super().get_config() | positions


@keras.saving.register_keras_serializable("kerasseq")
class CrossAttention(MultiHeadAttention):
    """Encoder-decoder attention (Vaswani et al. 2017, section 3.2.3).

    `project` computes keys and values once for each source, with one fused kernel. Arguments as
    `MultiHeadAttention`.

    Call arguments:
        x: float tensor `(B, T, D)`.
        memory: dict of `key` and `value`, `(B, H, S, d)`, from `project`.
        mask: bool tensor `(B, S)`; True = attend.
        training: bool.

    Returns:
        output `(B, T, D)` and weights `(B, H, T, S)`.

    Raises:
        ValueError: at build, when `num_heads` does not divide `D` and `head_dim` is None.
    """

    def build(self, input_shape):
        dim = input_shape[-1]
        self.query = self._projection(dim, 1)
        self.key_value = self._projection(dim, 2)
        self._build_with_output(dim, self.query, self.key_value)

    def project(self, encoded):
        """Keys and values `(B, H, S, d)` of the encoder's output `(B, S, D)`."""
        key, value = split_heads(self.key_value(encoded), 2, self.num_heads)
        return {"key": key, "value": value}

    def call(self, x, memory, mask, training=False):
        (query,) = split_heads(self.query(x), 1, self.num_heads)
        return self._attend(query, memory["key"], memory["value"], mask[:, None, None], training)

    def step(self, x, memory, mask):
        """Attends from one position of every hypothesis.

        The `K` hypotheses of a source are `K` queries of one attention: what it reads of the
        source is read once for all of them.

        Args:
            x: float tensor `(B * K, D)`, those of a source side by side.
            memory, mask: as for a call, of `B` sources.

        Returns:
            output `(B * K, D)` and weights `(B * K, H, S)`.
        """
        query = self.query(x)  # (B * K, H d)
        shape = (ops.shape(memory["key"])[0], -1, self.num_heads, memory["key"].shape[-1])
        query = ops.transpose(ops.reshape(query, shape), (0, 2, 1, 3))  # (B, H, K, d)
        context, weights = self._context(
            query, memory["key"], memory["value"], mask[:, None, None]
        )  # (B, K, H d), (B, H, K, S)
        weights = ops.transpose(weights, (0, 2, 1, 3))  # (B, K, H, S)
        weights = ops.reshape(weights, (-1, self.num_heads, ops.shape(weights)[-1]))
        return self.output_dense(ops.reshape(context, (-1, context.shape[-1]))), weights


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
