"""The blocks of a Transformer's encoder and decoder, with their residual and feed-forward parts."""

import keras

from kerasseq.layers import activations, norms
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
        norm: "layer", "layer_no_bias" or "rms", see `kerasseq.layers.norms`; None for none.
    """

    def __init__(self, norm_first=False, dropout=0.0, epsilon=1e-5, norm="layer", **kwargs):
        super().__init__(**kwargs)
        self.norm_first = norm_first
        self.epsilon = epsilon
        self.kind = norm
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.norm = norms.make(norm, epsilon=epsilon, dtype=self.dtype_policy)

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
            "norm": self.kind,
        }


@keras.saving.register_keras_serializable("kerasseq")
class FeedForward(keras.layers.Layer):
    """`FFN(x) = f(x W1 + b1) W2 + b2` (Vaswani et al. 2017, eq. 2).

    Gated: `FFN(x) = (f(x W1) ⊙ x V) W2`, biases alike (Shazeer 2020, eq. 6).

    Args:
        inner_dim: int `F`, width of the inner layer.
        activation: name or callable, `f`; see `kerasseq.layers.activations`.
        dropout: float, dropped share of the inner activations.
        gated: bool, multiplies the inner activations by a second, linear layer of them.
        use_bias: bool, whether the dense layers have biases.

    Call arguments:
        x: float tensor `(B, T, D)`.
        training: bool.

    Returns:
        float tensor `(B, T, D)`.
    """

    def __init__(
        self, inner_dim, activation="relu", dropout=0.0, gated=False, use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        self.inner_dim = inner_dim
        self.activation = activations.get(activation)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.gated = gated
        self.use_bias = use_bias

    def build(self, input_shape):
        dim, options = input_shape[-1], {"use_bias": self.use_bias, "dtype": self.dtype_policy}
        self.inner = keras.layers.Dense(self.inner_dim, self.activation, name="inner", **options)
        self.outer = keras.layers.Dense(dim, name="outer", **options)
        self.inner.build((None, None, dim))
        self.outer.build((None, None, self.inner_dim))
        if self.gated:
            self.linear = keras.layers.Dense(self.inner_dim, name="linear", **options)
            self.linear.build((None, None, dim))

    def call(self, x, training=False):
        inner = self.inner(x)  # (B, T, F)
        inner = inner * self.linear(x) if self.gated else inner
        return self.outer(self.dropout(inner, training=training))

    def get_config(self):
        return super().get_config() | {
            "inner_dim": self.inner_dim,
            "activation": activations.serialize(self.activation),
            "dropout": self.dropout.rate,
            "gated": self.gated,
            "use_bias": self.use_bias,
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
        epsilon: float, of the normalisations.
        norm: "layer", "layer_no_bias" or "rms"; see `kerasseq.layers.norms`.
        gated: bool, of the feed-forward network; see `FeedForward`.
        use_bias: bool, whether the dense layers have biases.
        head_dim: int `d`, width of a head; default `D / H`.
        scale_attention: bool, divides the products of queries and keys by `√d`.
        rotary_base, window: of the self-attention; see `SelfAttention`.
        norm_attention: bool, False leaves out the normalisation of the self-attention, which a
            pre-norm block behind a normalised embedding does not need.

    Call arguments:
        x: float tensor `(B, S, D)`.
        mask: bool tensor `(B, S)`; True = a real position.
        training: bool.
        bias: float tensor `(1, H, S, S)`, of the self-attention's scores; None without one.

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
        norm="layer",
        gated=False,
        use_bias=True,
        head_dim=None,
        scale_attention=True,
        rotary_base=None,
        window=None,
        norm_attention=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.attention_arguments = {
            "num_heads": num_heads,
            "dropout": attention_dropout,
            "head_dim": head_dim,
            "use_bias": use_bias,
            "scaled": scale_attention,
            "dtype": policy,
        }
        self.residual_arguments = {
            "norm_first": norm_first,
            "dropout": dropout,
            "epsilon": epsilon,
            "norm": norm,
            "dtype": policy,
        }
        self.position_arguments = {"rotary_base": rotary_base, "window": window}
        self.norm_attention = norm_attention
        self.self_attention = self.make_self_attention()
        self.feed_forward = FeedForward(
            feed_forward_dim, activation, activation_dropout, gated, use_bias, dtype=policy
        )
        self.self_residual = Residual(
            **self.residual_arguments | ({} if norm_attention else {"norm": None})
        )
        self.feed_forward_residual = Residual(**self.residual_arguments)

    def make_self_attention(self):
        """The sublayer in which positions see each other."""
        return SelfAttention(**self.attention_arguments, **self.position_arguments)

    def build(self, input_shape):
        for sublayer in (
            self.self_attention,
            self.self_residual,
            self.feed_forward,
            self.feed_forward_residual,
        ):
            sublayer.build(input_shape)

    def call(self, x, mask, training=False, bias=None):
        y, weights = self.self_attention(
            self.self_residual.enter(x), mask[:, None], training=training, bias=bias
        )
        x = self.self_residual.leave(x, y, training)
        return self._feed(x, training), weights

    def _feed(self, x, training):
        y = self.feed_forward(self.feed_forward_residual.enter(x), training=training)
        return self.feed_forward_residual.leave(x, y, training)

    def get_config(self):
        attention, residual = self.attention_arguments, self.residual_arguments
        feed_forward = self.feed_forward.get_config()
        return (
            super().get_config()
            | self.position_arguments
            | {
                "norm_attention": self.norm_attention,
                "num_heads": attention["num_heads"],
                "feed_forward_dim": feed_forward["inner_dim"],
                "dropout": residual["dropout"],
                "attention_dropout": attention["dropout"],
                "activation_dropout": feed_forward["dropout"],
                "activation": feed_forward["activation"],
                "norm_first": residual["norm_first"],
                "epsilon": residual["epsilon"],
                "norm": residual["norm"],
                "gated": feed_forward["gated"],
                "use_bias": feed_forward["use_bias"],
                "head_dim": attention["head_dim"],
                "scale_attention": attention["scaled"],
            }
        )


@keras.saving.register_keras_serializable("kerasseq")
class DecoderBlock(EncoderBlock):
    """Causal self-attention, attention to the memory, feed-forward network.

    Vaswani et al. 2017, figure 1 right. Arguments as `EncoderBlock`.

    Call arguments:
        x: float tensor `(B, T, D)`.
        mask: bool tensor that broadcasts to `(B, T, T)`; True = attend.
        memory: dict of `key` and `value` `(B, H, S, d)`, from `project_memory`.
        memory_mask: bool tensor `(B, S)`.
        training: bool.
        bias: float tensor `(1, H, T, T)`, of the self-attention's scores; None without one.

    Returns:
        output `(B, T, D)` and the weights of the attention to the memory `(B, H, T, S)`.
    """

    def __init__(self, num_heads, feed_forward_dim, *args, **kwargs):
        super().__init__(num_heads, feed_forward_dim, *args, **kwargs)
        self.cross_attention = CrossAttention(**self.attention_arguments)
        self.cross_residual = Residual(**self.residual_arguments)

    def build(self, input_shape):
        super().build(input_shape)
        self.cross_attention.build(input_shape)
        self.cross_residual.build(input_shape)

    def project_memory(self, encoded):
        """This block's keys and values of the encoder's output `(B, S, D)`."""
        return self.cross_attention.project(encoded)

    def call(self, x, mask, memory, memory_mask, training=False, bias=None):
        y, _ = self.self_attention(self.self_residual.enter(x), mask, training=training, bias=bias)
        x = self.self_residual.leave(x, y, training)
        y, weights = self.cross_attention(
            self.cross_residual.enter(x), memory, memory_mask, training=training
        )
        x = self.cross_residual.leave(x, y, training)
        return self._feed(x, training), weights

    def step(self, x, cache, step, memory, memory_mask, bias=None):
        """The block for one new position `x` `(B * K, D)` of `K` hypotheses a source.

        Arguments as `SelfAttention.step`, of `B * K` rows, and `CrossAttention.step`.

        Returns:
            output `(B * K, D)`, weights `(B * K, H, S)` and the new cache.
        """
        y, cache = self.self_attention.step(self.self_residual.enter(x), cache, step, bias)
        x = self.self_residual.leave(x, y)
        y, weights = self.cross_attention.step(self.cross_residual.enter(x), memory, memory_mask)
        x = self.cross_residual.leave(x, y)
        return self._feed(x, training=False), weights, cache
