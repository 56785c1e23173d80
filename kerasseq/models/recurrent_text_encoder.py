"""Token ids to vectors in context, by a recurrent network."""

import keras
from keras import ops

from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.recurrent_memory import RecurrentEncoder
from kerasseq.tensors import padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentTextEncoder(keras.Model):
    """An embedding and a stack of LSTM or GRU layers, for a classifier or a tagger.

    Args:
        vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each layer; with `bidirectional` each direction has half.
        num_layers: int.
        cell: "lstm" or "gru".
        bidirectional: bool.
        dropout: float, on embeddings and between layers.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0.
        training: bool.

    Returns:
        float tensor `(B, S, D)` and bool mask `(B, S)`, True for a real token.

    Raises:
        ValueError: for an unknown cell, or an odd `hidden_dim` with `bidirectional`.
    """

    def __init__(
        self,
        vocabulary_size,
        embedding_dim=128,
        hidden_dim=256,
        num_layers=1,
        cell="lstm",
        bidirectional=True,
        dropout=0.3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if bidirectional and hidden_dim % 2:
            raise ValueError(
                "Expected an even hidden_dim, half for each direction; received "
                f"{hidden_dim}. Make it even, or set bidirectional=False."
            )
        self.config = {
            "vocabulary_size": vocabulary_size,
            "embedding_dim": embedding_dim,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "cell": cell,
            "bidirectional": bidirectional,
            "dropout": dropout,
        }
        policy = self.dtype_policy
        self.embedding = TokenEmbedding(vocabulary_size, embedding_dim, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.encoder = RecurrentEncoder(
            cell, hidden_dim // (1 + bidirectional), num_layers, bidirectional, dropout,
            dtype=policy,
        )  # fmt: skip
        self.embedding.build((None, None))
        self.encoder.build((None, None, embedding_dim))
        self.built = True

    @property
    def output_dim(self):
        """int `D`, the width of the vectors."""
        return self.encoder.output_dim

    def call(self, inputs, training=False):
        tokens = inputs["tokens"]
        mask = padding_mask(tokens)
        x = self.dropout(self.embedding(tokens), training=training)  # (B, S, E)
        vectors, _ = self.encoder(x, mask, training=training)  # (B, S, D)
        return vectors, ops.convert_to_tensor(mask)

    def get_config(self):
        return super().get_config() | self.config
