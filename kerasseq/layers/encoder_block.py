"""One block of a Transformer encoder."""

import keras

from kerasseq.layers.feed_forward import FeedForward
from kerasseq.layers.residual import Residual
from kerasseq.layers.self_attention import SelfAttention


@keras.saving.register_keras_serializable("kerasseq")
class EncoderBlock(keras.layers.Layer):
    """Self-attention and feed-forward network (Vaswani et al. 2017, figure 1 left).

    Args:
        num_heads: int, attention heads.
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
        self.self_attention = SelfAttention(num_heads, attention_dropout, dtype=policy)
        self.feed_forward = FeedForward(
            feed_forward_dim, activation, activation_dropout, dtype=policy
        )
        self.self_residual = Residual(norm_first, dropout, epsilon, dtype=policy)
        self.feed_forward_residual = Residual(norm_first, dropout, epsilon, dtype=policy)

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
        y = self.feed_forward(self.feed_forward_residual.enter(x), training=training)
        return self.feed_forward_residual.leave(x, y, training), weights

    def get_config(self):
        feed_forward = self.feed_forward.get_config()
        return super().get_config() | {
            "num_heads": self.self_attention.num_heads,
            "feed_forward_dim": feed_forward["inner_dim"],
            "dropout": self.self_residual.dropout.rate,
            "attention_dropout": self.self_attention.dropout.rate,
            "activation_dropout": feed_forward["dropout"],
            "activation": feed_forward["activation"],
            "norm_first": self.self_residual.norm_first,
            "epsilon": self.self_residual.epsilon,
        }
