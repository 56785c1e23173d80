"""One block of a Transformer decoder."""

import keras

from kerasseq.layers.cross_attention import CrossAttention
from kerasseq.layers.encoder_block import EncoderBlock
from kerasseq.layers.residual import Residual


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
        y = self.feed_forward(self.feed_forward_residual.enter(x), training=training)
        return self.feed_forward_residual.leave(x, y, training), weights
