"""The ModernBERT encoder (Warner et al. 2024)."""

import keras

from kerasseq.layers import activations, norms
from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.transformer_blocks import EncoderBlock
from kerasseq.models.attention_encoder import AttentionEncoder

NORM = "layer_no_bias"


@keras.saving.register_keras_serializable("kerasseq")
class ModernBertEncoder(AttentionEncoder):
    """Tokens to vectors, of texts up to thousands of tokens.

    Pre-norm blocks without biases, of gated feed-forward networks (Warner et al. 2024, section
    2.1). Queries and keys are turned by their positions in the place of position vectors. Every
    third layer sees the whole text, the others a window around each token. There are no segments:
    what stands between two texts tells them apart.

    ModernBERT base has 22 layers, width 768 and 12 heads; ModernBERT large 28, 1024 and 16.

    Args:
        vocabulary_size: int `V`.
        hidden_dim: int `D`.
        num_layers: int `N`.
        num_heads: int `H`; must divide `D` into an even width.
        feed_forward_dim: int, of the gated inner layer.
        dropout: float, on embeddings.
        attention_dropout: float, on attention weights.
        activation_dropout: float, on the inner activations of the feed-forward networks.
        activation: name or callable, of the feed-forward networks.
        epsilon: float, of the normalisations.
        max_length: int, the most tokens that a text of its training had; positions have no end.
        global_every: int, layers 0, `global_every`, … see the whole text.
        window: int, how far a token sees in the other layers, to each side.
        global_base, local_base: float, of the angles in the two kinds of layers; see
            `kerasseq.layers.positions.rotate`.

    Call arguments and what is returned: as `BertEncoder`.

    Raises:
        ValueError: when `num_heads` does not divide `hidden_dim`, or into an odd width.
    """

    def __init__(
        self,
        vocabulary_size,
        hidden_dim=768,
        num_layers=22,
        num_heads=12,
        feed_forward_dim=1152,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        activation="gelu",
        epsilon=1e-5,
        max_length=8192,
        global_every=3,
        window=64,
        global_base=160000.0,
        local_base=10000.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = {
            "vocabulary_size": vocabulary_size,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "activation_dropout": activation_dropout,
            "activation": activations.serialize(activations.get(activation)),
            "epsilon": epsilon,
            "max_length": max_length,
            "global_every": global_every,
            "window": window,
            "global_base": global_base,
            "local_base": local_base,
        }
        policy = self.dtype_policy
        normal = keras.initializers.TruncatedNormal(stddev=0.02)
        self.embedding = TokenEmbedding(
            vocabulary_size, hidden_dim, initializer=normal, dtype=policy
        )
        self.embedding_norm = norms.make(NORM, epsilon, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.blocks = [
            EncoderBlock(
                num_heads,
                feed_forward_dim,
                attention_dropout=attention_dropout,
                activation_dropout=activation_dropout,
                activation=activation,
                norm_first=True,
                epsilon=epsilon,
                norm=NORM,
                gated=True,
                use_bias=False,
                rotary_base=local_base if layer % global_every else global_base,
                window=window if layer % global_every else None,
                norm_attention=layer > 0,
                dtype=policy,
            )
            for layer in range(num_layers)
        ]
        self.output_norm = norms.make(NORM, epsilon, dtype=policy)
        for layer in (*self.layers_below(), *self.blocks, self.output_norm):
            layer.build((None, None, hidden_dim))
        self.built = True

    def layers_below(self):
        return [self.embedding, self.embedding_norm]

    def embed(self, tokens, training=False):
        return self.dropout(self.embedding_norm(self.embedding(tokens)), training=training)
