"""The blocks of a Transformer's encoder and decoder, with their residual and feed-forward parts."""

import keras

from kerasseq.layers import activations
from kerasseq.layers.attention import CrossAttention, SelfAttention


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
        """The input of the sublayer, from `x` `(B, T, D)`."""
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


@keras.saving.register_keras_serializable("kerasseq")
class FeedForward(keras.layers.Layer):
    """`FFN(x) = f(x W1 + b1) W2 + b2` (Vaswani et al. 2017, eq. 2).

    Args:
        inner_dim: int `F`, width of the inner layer.
        activation: name or callable, `f`; see `kerasseq.layers.activations`.
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
        self.activation = activations.get(activation)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        dim = input_shape[-1]
        self.inner = keras.layers.Dense(self.inner_dim, self.activation, dtype=self.dtype_policy)
        self.outer = keras.layers.Dense(dim, dtype=self.dtype_policy)
        self.inner.build((None, None, dim))
        self.outer.build((None, None, self.inner_dim))

    def call(self, x, training=False):
        inner = self.dropout(self.inner(x), training=training)  # (B, T, F)
        return self.outer(inner)

    def get_config(self):
        return super().get_config() | {
            "inner_dim": self.inner_dim,
            "activation": activations.serialize(self.activation),
            "dropout": self.dropout.rate,
        }


@keras.saving.register_keras_serializable("kerasseq")
class EncoderBlock(keras.layers.Layer):
    """Self-attention and feed-forward network (Vaswani et al. 2017, figure 1 left).

    Args:
        num_heads: int `H`, attention heads.
        feed_forward_dim: int, inner width of the feed-forward network.
        dropout: float, dropped share of each sublayer's output (Vaswani et al. 2017, 5.4).
        attention_dropout: float, dropped share of the attention weights.
        activation_dropout: float, dropped share of the feed-forward network's inner
            activations.
        activation: name or callable, of the feed-forward network.
        norm_first: bool, pre-norm if True, post-norm otherwise.
        epsilon: float, of the layer normalisations.

    Call arguments:
        x: float tensor `(B, S, D)`.
        mask: bool tensor `(B, S)`; True = a real position.
        training: bool.

    Returns:
        output `(B, S, D)` and attention weights `(B, H, S, S)`.
    """

    def __init__(
        self,
        num_heads,
        feed_forward_dim,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        activation="relu",
        norm_first=False,
        epsilon=1e-5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.num_heads = num_heads
        self.attention_dropout = attention_dropout
        self.self_attention = self.make_self_attention()
        self.feed_forward = FeedForward(
            feed_forward_dim, activation, activation_dropout, dtype=policy
        )
        self.self_residual = Residual(norm_first, dropout, epsilon, dtype=policy)
        self.feed_forward_residual = Residual(norm_first, dropout, epsilon, dtype=policy)

    def make_self_attention(self):
        """The sublayer in which positions see each other."""
        return SelfAttention(self.num_heads, self.attention_dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        for sublayer in (
            self.self_attention,
            self.self_residual,
            self.feed_forward,
            self.feed_forward_residual,
        ):
            sublayer.build(input_shape)

    def call(self, x, mask, training=False):
        y, weights = self.self_attention(
            self.self_residual.enter(x), mask[:, None], training=training
        )
        x = self.self_residual.leave(x, y, training)
        return self._feed(x, training), weights

    def _feed(self, x, training):
        y = self.feed_forward(self.feed_forward_residual.enter(x), training=training)
        return self.feed_forward_residual.leave(x, y, training)

    def get_config(self):
        feed_forward = self.feed_forward.get_config()
        return super().get_config() | {
            "num_heads": self.num_heads,
            "feed_forward_dim": feed_forward["inner_dim"],
            "dropout": self.self_residual.dropout.rate,
            "attention_dropout": self.attention_dropout,
            "activation_dropout": feed_forward["dropout"],
            "activation": feed_forward["activation"],
            "norm_first": self.self_residual.norm_first,
            "epsilon": self.self_residual.epsilon,
        }


@keras.saving.register_keras_serializable("kerasseq")
class DecoderBlock(EncoderBlock):
    """Causal self-attention, attention to the memory, feed-forward network.

    Vaswani et al. 2017, figure 1 right. Arguments as `EncoderBlock`.

    Call arguments:
        x: float tensor `(B, T, D)`.
        mask: bool tensor that broadcasts to `(B, T, T)`; True = attend.
        memory: dict of `key` and `value` `(B, H, S, D / H)`, from `project_memory`.
        memory_mask: bool tensor `(B, S)`.
        training: bool.

    Returns:
        output `(B, T, D)` and the weights of the attention to the memory `(B, H, T, S)`.
    """

    def __init__(self, num_heads, feed_forward_dim, dropout=0.0, attention_dropout=0.0, **kwargs):
        super().__init__(num_heads, feed_forward_dim, dropout, attention_dropout, **kwargs)
        policy = self.dtype_policy
        self.cross_attention = CrossAttention(num_heads, attention_dropout, dtype=policy)
        self.cross_residual = Residual(
            self.self_residual.norm_first, dropout, self.self_residual.epsilon, dtype=policy
        )

    def build(self, input_shape):
        super().build(input_shape)
        self.cross_attention.build(input_shape)
        self.cross_residual.build(input_shape)

    def project_memory(self, encoded):
        """This block's keys and values of the encoder's output `(B, S, D)`."""
        return self.cross_attention.project(encoded)

    def call(self, x, mask, memory, memory_mask, training=False):
        y, _ = self.self_attention(self.self_residual.enter(x), mask, training=training)
        return self._after_self_attention(x, y, memory, memory_mask, training)

    def step(self, x, cache, step, memory, memory_mask):
        """The block for one new position `x` `(B, 1, D)`; see `SelfAttention.step`.

        Returns:
            output `(B, 1, D)`, weights `(B, H, 1, S)` and the new cache.
        """
        y, cache = self.self_attention.step(self.self_residual.enter(x), cache, step)
        x, weights = self._after_self_attention(x, y, memory, memory_mask, training=False)
        return x, weights, cache

    def _after_self_attention(self, x, y, memory, memory_mask, training):
        x = self.self_residual.leave(x, y, training)
        y, weights = self.cross_attention(
            self.cross_residual.enter(x), memory, memory_mask, training=training
        )
        x = self.cross_residual.leave(x, y, training)
        return self._feed(x, training), weights
