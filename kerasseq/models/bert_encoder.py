"""The BERT encoder (Devlin et al. 2019)."""

import keras
from keras import ops

from kerasseq.layers import activations
from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.positions import PositionEncoding
from kerasseq.layers.transformer_blocks import EncoderBlock
from kerasseq.tensors import padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class BertEncoder(keras.Model):
    """Tokens to vectors that depend on the tokens of both sides.

    The blocks are those of the Transformer's encoder. Their input is the normalised sum of a
    token's embedding, its position's and its segment's. The second segment begins after the
    first separator, so the ids alone determine the segments.

    BERT base has 12 layers, width 768 and 12 heads; BERT large has 24, 1024 and 16. DistilBERT
    has no segments.

    Args:
        vocabulary_size: int `V`.
        hidden_dim: int `D`.
        num_layers: int `N`.
        num_heads: int `H`; must divide `D`.
        feed_forward_dim: int; default `4 * D`.
        dropout: float, on embeddings and sublayer outputs.
        attention_dropout: float, on attention weights.
        activation: name or callable, of the feed-forward networks; "gelu" is the exact form,
            "gelu_tanh" its approximation.
        norm_first: bool, pre-norm instead of post-norm.
        epsilon: float, of the layer normalisations.
        max_length: int, rows of the position table.
        separator_id: int, the token between two segments; None for a model without segments.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0.
        training: bool.

    Returns:
        float tensor `(B, S, D)` and bool mask `(B, S)`, True for a real token.

    Raises:
        ValueError: when `num_heads` does not divide `hidden_dim`.
    """

    def __init__(
        self,
        vocabulary_size,
        hidden_dim=768,
        num_layers=12,
        num_heads=12,
        feed_forward_dim=None,
        dropout=0.1,
        attention_dropout=0.1,
        activation="gelu",
        norm_first=False,
        epsilon=1e-12,
        max_length=512,
        separator_id=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = {
            "vocabulary_size": vocabulary_size,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim or 4 * hidden_dim,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "activation": activations.serialize(activations.get(activation)),
            "norm_first": norm_first,
            "epsilon": epsilon,
            "max_length": max_length,
            "separator_id": separator_id,
        }
        policy = self.dtype_policy
        normal = keras.initializers.TruncatedNormal(stddev=0.02)
        self.embedding = TokenEmbedding(
            vocabulary_size, hidden_dim, initializer=normal, dtype=policy
        )
        self.positions = PositionEncoding("learned", max_length, dtype=policy)
        if separator_id is not None:
            self.segment_embedding = TokenEmbedding(2, hidden_dim, initializer=normal, dtype=policy)
        self.embedding_norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.blocks = [
            EncoderBlock(
                num_heads,
                self.config["feed_forward_dim"],
                dropout,
                attention_dropout,
                activation=activation,
                norm_first=norm_first,
                epsilon=epsilon,
                dtype=policy,
            )
            for _ in range(num_layers)
        ]
        if norm_first:
            self.output_norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=policy)
        self._build((None, None, hidden_dim))

    def _build(self, shape):
        self.embedding.build(shape[:2])
        if self.config["separator_id"] is not None:
            self.segment_embedding.build(shape[:2])
        norms = [self.output_norm] if self.config["norm_first"] else []
        for layer in (self.positions, self.embedding_norm, *self.blocks, *norms):
            layer.build(shape)
        self.built = True

    @property
    def output_dim(self):
        """int `D`, the width of the vectors."""
        return self.config["hidden_dim"]

    @property
    def embedding_dim(self):
        """int, the width of the token embeddings: `D` too."""
        return self.config["hidden_dim"]

    def token_logits(self, x):
        """Inner products of `x` `(…, D)` with the embedding of every token: `(…, V)`."""
        return self.embedding.logits(x)

    @property
    def max_length(self):
        """int, rows of the position table; later tokens share the last row."""
        return self.config["max_length"]

    def freeze(self, blocks):
        """Freezes the embeddings and the lowest `blocks` (int) blocks in training.

        Call it before `compile`. 0 unfreezes everything.
        """
        embeddings = [self.embedding, self.positions, self.embedding_norm]
        if self.config["separator_id"] is not None:
            embeddings.append(self.segment_embedding)
        for layer in embeddings:
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
        x = self.positions(self.embedding(tokens))  # (B, S, D)
        if self.config["separator_id"] is not None:
            x = x + self.segment_embedding(segments(tokens, self.config["separator_id"]))
        x = self.dropout(self.embedding_norm(x), training=training)
        every = []
        for block in self.blocks:
            x, weights = block(x, mask, training=training)
            every.append(weights)
        return (self.output_norm(x) if self.config["norm_first"] else x), mask, every

    def get_config(self):
        return super().get_config() | self.config


def segments(tokens, separator_id):
    """1 after the first separator, 0 elsewhere: `(B, S)` to int32 `(B, S)`."""
    separators = ops.cast(ops.equal(tokens, separator_id), "int32")
    before = ops.cumsum(separators, axis=1) - separators  # (B, S), separators to the left
    return ops.minimum(before, 1) * ops.cast(padding_mask(tokens), "int32")
