"""What text encoders of self-attention blocks share."""

import keras
from keras import ops

from kerasseq.tensors import padding_mask


class AttentionEncoder(keras.Model):
    """The base class of encoders of self-attention blocks: tokens in, a vector for each out.

    A subclass sets `config`, a dict of its arguments, `embedding`, a TokenEmbedding, and `blocks`,
    a list of EncoderBlock; sets `output_norm` where a normalisation stands behind the last one;
    and gives `embed` and `layers_below`.
    """

    def embed(self, tokens, training=False):
        """Tokens `(B, S)` to what the first block reads, `(B, S, D)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement embed.")

    def layers_below(self):
        """The layers below the blocks, a list."""
        raise NotImplementedError(f"{type(self).__name__} must implement layers_below.")

    def bias(self, length):
        """What every block adds to its scores, `(1, H, S, S)`, or None."""

    @property
    def output_dim(self):
        """int `D`, the width of the vectors."""
        return self.config["hidden_dim"]

    @property
    def embedding_dim(self):
        """int, the width of the token embeddings."""
        return self.embedding.dim

    @property
    def max_length(self):
        """int, how many positions are told apart."""
        return self.config["max_length"]

    def token_logits(self, x):
        """Inner products of `x` `(…, E)` with the embedding of every token: `(…, V)`."""
        return self.embedding.logits(x)

    def freeze(self, blocks):
        """Freezes the embeddings and the lowest `blocks` (int) blocks in training.

        Call it before `compile`. 0 unfreezes everything. A block that several layers share is
        frozen when all of them are.
        """
        for layer in self.layers_below():
            layer.trainable = blocks == 0
        for number, block in enumerate(self.blocks):
            block.trainable = number >= blocks

    def call(self, inputs, training=False):
        vectors, mask, _ = self._read(inputs["tokens"], training)
        return vectors, mask

    def attention(self, tokens):
        """The attention of every layer and head: `(B, S)` to float32 `(B, N, H, S, S)`."""
        _, _, weights = self._read(tokens, training=False)
        return ops.cast(ops.stack(weights, axis=1), "float32")

    def _read(self, tokens, training):
        """Vectors `(B, S, D)`, mask `(B, S)`, and each block's attention `(B, H, S, S)`."""
        mask = padding_mask(tokens)
        x = self.embed(tokens, training)  # (B, S, D)
        bias, every = self.bias(ops.shape(tokens)[1]), []
        for block in self.blocks:
            x, weights = block(x, mask, training=training, bias=bias)
            every.append(weights)
        return (self.output_norm(x) if hasattr(self, "output_norm") else x), mask, every

    def get_config(self):
        return super().get_config() | self.config
