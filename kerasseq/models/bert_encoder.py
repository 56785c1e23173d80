"""The BERT encoder (Devlin et al. 2019), and what later ones changed of it."""

import keras
from keras import ops

from kerasseq.layers import activations
from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.positions import PositionEncoding, RelativePositions
from kerasseq.layers.transformer_blocks import EncoderBlock
from kerasseq.models.attention_encoder import AttentionEncoder
from kerasseq.tensors import padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class BertEncoder(AttentionEncoder):
    """Tokens to vectors that depend on the tokens of both sides.

    The blocks are those of the Transformer's encoder. Their input is the normalised sum of a
    token's embedding, its position's and its segment's. The second segment begins after the
    first separator, so the ids alone determine the segments.

    BERT base has 12 layers, width 768 and 12 heads; BERT large has 24, 1024 and 16. DistilBERT
    has no segments. MPNet has no segments, and distances (Song et al. 2020, section 3.1). ELECTRA
    has embeddings of another width (Clark et al. 2020, section 3.1). ALBERT has these too, and one
    block for all layers (Lan et al. 2020, section 3.1).

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
        max_length: int, rows of the position table; more tokens are not learned from.
        separator_id: int, the token between two segments; None for a model without segments.
        relative_buckets: two ints, the buckets of distances and their `max_distance`, of one
            table of biases for all blocks; see `RelativePositions`. None for no such table.
        embedding_dim: int `E`, the width of the embeddings, from which a dense layer leads to
            `D`; None for `D` without that layer.
        num_groups: int, how many blocks there are; `N / num_groups` layers in a row are one
            block. None for a block a layer.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0.
        training: bool.

    Returns:
        float tensor `(B, S, D)` and bool mask `(B, S)`, True for a real token.

    Raises:
        ValueError: when `num_heads` does not divide `hidden_dim`, or `num_groups` `num_layers`.
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
        relative_buckets=None,
        embedding_dim=None,
        num_groups=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_groups is not None and (num_groups < 1 or num_layers % num_groups):
            raise ValueError(
                f"Expected num_groups that divide {num_layers} layers; received {num_groups}. "
                "Change one of the two."
            )
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
            "relative_buckets": relative_buckets and list(relative_buckets),
            "embedding_dim": embedding_dim,
            "num_groups": num_groups,
        }
        policy = self.dtype_policy
        width = embedding_dim or hidden_dim
        normal = keras.initializers.TruncatedNormal(stddev=0.02)
        self.embedding = TokenEmbedding(vocabulary_size, width, initializer=normal, dtype=policy)
        self.positions = PositionEncoding("learned", max_length, dtype=policy)
        if separator_id is not None:
            self.segment_embedding = TokenEmbedding(2, width, initializer=normal, dtype=policy)
        self.embedding_norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        if embedding_dim is not None:
            self.embedding_dense = keras.layers.Dense(
                hidden_dim, kernel_initializer=normal, dtype=policy
            )
        if relative_buckets is not None:
            self.distances = RelativePositions(num_heads, *relative_buckets, dtype=policy)
        blocks = [
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
            for _ in range(num_groups or num_layers)
        ]
        self.blocks = [block for block in blocks for _ in range(num_layers // len(blocks))]
        if norm_first:
            self.output_norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=policy)
        self._build((None, None, width), (None, None, hidden_dim))

    def _build(self, embedded, shape):
        for layer in self.layers_below():
            layer.build(embedded)
        norms = [self.output_norm] if self.config["norm_first"] else []
        for layer in (*dict.fromkeys(self.blocks), *norms):
            layer.build(shape)
        self.built = True

    def layers_below(self):
        names = ("embedding", "segment_embedding", "positions", "embedding_norm")
        names += ("embedding_dense", "distances")
        return [getattr(self, name) for name in names if hasattr(self, name)]

    def bias(self, length):
        return self.distances.bias(length) if self.config["relative_buckets"] else None

    def embed(self, tokens, training=False):
        x = self.positions(self.embedding(tokens))  # (B, S, E)
        if self.config["separator_id"] is not None:
            x = x + self.segment_embedding(segments(tokens, self.config["separator_id"]))
        x = self.dropout(self.embedding_norm(x), training=training)
        return x if self.config["embedding_dim"] is None else self.embedding_dense(x)  # (B, S, D)


def segments(tokens, separator_id):
    """1 after the first separator, 0 elsewhere: `(B, S)` to int32 `(B, S)`."""
    separators = ops.cast(ops.equal(tokens, separator_id), "int32")
    before = ops.cumsum(separators, axis=1) - separators  # (B, S), separators to the left
    return ops.minimum(before, 1) * ops.cast(padding_mask(tokens), "int32")
