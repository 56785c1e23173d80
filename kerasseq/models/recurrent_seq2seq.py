"""Recurrent encoder-decoder without attention (Cho et al. 2014, Sutskever et al. 2014)."""

import keras
from keras import ops

from kerasseq.layers.recurrent_decoder import RecurrentDecoder
from kerasseq.layers.recurrent_encoder import RecurrentEncoder
from kerasseq.layers.token_embedding import TokenEmbedding
from kerasseq.models.recurrent_decoding import RecurrentDecoding
from kerasseq.tensors import padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentSeq2Seq(RecurrentDecoding):
    """LSTM or GRU encoder and decoder, joined by the encoder's final states alone.

    Sutskever et al. 2014: a deep LSTM; the final states of every layer, h and c, start the
    decoder, and with `reverse_source` the source is read backwards (section 3.3).

    Cho et al. 2014: with `context_every_step` a summary of the source also enters every
    decoder step (appendix A.1; see `RecurrentDecoder`).

    Args:
        source_vocabulary_size: int.
        target_vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each layer.
        num_layers: int, of the encoder and of the decoder.
        cell: "lstm" or "gru".
        reverse_source: bool, the source is read backwards, its end symbol last.
        context_every_step: bool, see above.
        dropout: float, on embeddings, between layers and on what the output layer reads.
        tie_embeddings: bool, the output layer shares the target embedding (needs
            `embedding_dim == hidden_dim`).

    Memory: `states`, the decoder's first states, and with `context_every_step` `context`
    `(B, D)`. State: `cells`, one list of `(B, D)` a layer. There is no attention.

    Raises:
        ValueError: for an unknown cell, or tied embeddings of another width.
    """

    def __init__(
        self,
        source_vocabulary_size,
        target_vocabulary_size,
        embedding_dim=256,
        hidden_dim=512,
        num_layers=2,
        cell="lstm",
        reverse_source=False,
        context_every_step=False,
        dropout=0.2,
        tie_embeddings=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = {
            "source_vocabulary_size": source_vocabulary_size,
            "target_vocabulary_size": target_vocabulary_size,
            "embedding_dim": embedding_dim,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "cell": cell,
            "reverse_source": reverse_source,
            "context_every_step": context_every_step,
            "dropout": dropout,
            "tie_embeddings": tie_embeddings,
        }
        policy = self.dtype_policy
        self.source_embedding = TokenEmbedding(source_vocabulary_size, embedding_dim, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.encoder = RecurrentEncoder(cell, hidden_dim, num_layers, dropout=dropout, dtype=policy)
        self.decoder = RecurrentDecoder(
            target_vocabulary_size,
            embedding_dim,
            hidden_dim,
            num_layers,
            cell,
            context_every_step,
            dropout,
            tie_embeddings,
            dtype=policy,
        )
        self.decoder.build((None, None))
        self.build()

    def encode(self, source, training=False):
        return self.decoder.memory(self._read(source, training)[1])

    def encoder_states(self, source):
        outputs, _ = self._read(source)
        return _reverse(outputs, source) if self.config["reverse_source"] else outputs

    def _read(self, source, training=False):
        """The encoder's outputs `(B, S, D)`, in the order of reading, and final states."""
        if self.config["reverse_source"]:
            source = _reverse(source, source)
        x = self.dropout(self.source_embedding(source), training=training)
        return self.encoder(x, padding_mask(source), training=training)

    def get_config(self):
        return super().get_config() | self.config


def _reverse(values, source):
    """Reverses every row of `(B, S, …)`, but for the last real token of ids `(B, S)` and padding.

    Twice is the values again.
    """
    last = ops.sum(ops.cast(padding_mask(source), "int32"), axis=1, keepdims=True) - 1
    positions = ops.arange(ops.shape(source)[1], dtype="int32")[None]
    mirrored = ops.where(positions < last, last - 1 - positions, positions)
    mirrored = ops.reshape(mirrored, (*ops.shape(mirrored), *[1] * (len(values.shape) - 2)))
    return ops.take_along_axis(values, mirrored, axis=1)
