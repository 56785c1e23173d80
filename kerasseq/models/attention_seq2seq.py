"""Recurrent encoder-decoder with attention (Bahdanau et al. 2015, Luong et al. 2015)."""

import keras
from keras import ops

from kerasseq.layers.attention_decoder import AttentionDecoder
from kerasseq.layers.recurrent_encoder import RecurrentEncoder
from kerasseq.layers.token_embedding import TokenEmbedding
from kerasseq.models.recurrent_decoding import RecurrentDecoding
from kerasseq.tensors import padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class AttentionSeq2Seq(RecurrentDecoding):
    """LSTM or GRU encoder and decoder, joined by attention.

    Args:
        source_vocabulary_size: int.
        target_vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each decoder cell and of the encoder together; with
            `bidirectional` each direction has half of them.
        num_layers: int, of the encoder and of the decoder.
        cell: "lstm" or "gru".
        bidirectional: bool, the encoder reads in both directions.
        attention: "bahdanau", "luong_dot", "luong_general", "luong_scaled" or "luong_concat".
        input_feeding: bool, for the Luong kinds; see `AttentionCell`.
        readout_bias: bool; see `AttentionCell`.
        dropout: float, on embeddings, between layers and on the readout.
        tie_embeddings: bool, the output layer shares the target embedding (needs
            `embedding_dim == hidden_dim`).
        bridge: what the decoder's first states are made of. "final": the encoder's final
            states, handed over as they are from a left-to-right encoder, through dense layers
            (tanh for h) from a bidirectional one. "mean": the mean of the encoder's outputs,
            through dense layers (Sennrich et al. 2017, Nematus).

    Memory and state: see `AttentionDecoder`. `kerasseq.training.start_at_frequencies` spares a
    large training its first steps.

    Raises:
        ValueError: for an odd `hidden_dim` with `bidirectional`, tied embeddings of
            another width, or an unknown bridge.
    """

    def __init__(
        self,
        source_vocabulary_size,
        target_vocabulary_size,
        embedding_dim=256,
        hidden_dim=512,
        num_layers=1,
        cell="lstm",
        bidirectional=True,
        attention="luong_general",
        input_feeding=True,
        readout_bias=False,
        dropout=0.2,
        tie_embeddings=False,
        bridge="final",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if bridge not in ("final", "mean"):
            raise ValueError(
                f'Expected bridge to be "final" or "mean"; received {bridge!r}. Choose one.'
            )
        if bidirectional and hidden_dim % 2:
            raise ValueError(
                "Expected an even hidden_dim, half for each direction of the encoder; received "
                f"{hidden_dim}. Make it even, or set bidirectional=False."
            )
        self.config = {
            "source_vocabulary_size": source_vocabulary_size,
            "target_vocabulary_size": target_vocabulary_size,
            "embedding_dim": embedding_dim,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "cell": cell,
            "bidirectional": bidirectional,
            "attention": attention,
            "input_feeding": input_feeding,
            "readout_bias": readout_bias,
            "dropout": dropout,
            "tie_embeddings": tie_embeddings,
            "bridge": bridge,
        }
        policy = self.dtype_policy
        self.source_embedding = TokenEmbedding(source_vocabulary_size, embedding_dim, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.encoder = RecurrentEncoder(
            cell, hidden_dim // (1 + bidirectional), num_layers, bidirectional, dropout,
            dtype=policy,
        )  # fmt: skip
        if bidirectional or bridge == "mean":
            self.bridge = [
                [
                    keras.layers.Dense(hidden_dim, activation, dtype=policy)
                    for activation in (("tanh", None) if cell == "lstm" else ("tanh",))
                ]
                for _ in range(num_layers)
            ]
        self.decoder = AttentionDecoder(
            target_vocabulary_size,
            embedding_dim,
            hidden_dim,
            num_layers,
            cell,
            attention,
            input_feeding,
            readout_bias,
            dropout,
            tie_embeddings,
            dtype=policy,
        )
        self.decoder.build((None, None), (None, None, hidden_dim))
        self.build()

    def encode(self, source, training=False):
        mask = padding_mask(source)
        x = self.dropout(self.source_embedding(source), training=training)
        values, states = self.encoder(x, mask, training=training)
        if self.config["bridge"] == "mean":
            real = ops.cast(mask, values.dtype)[..., None]
            mean = ops.sum(values * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1)
            states = [[mean for _ in layer] for layer in states]
        if self.config["bidirectional"] or self.config["bridge"] == "mean":
            states = [
                [dense(state) for dense, state in zip(bridge, layer, strict=True)]
                for bridge, layer in zip(self.bridge, states, strict=True)
            ]
        return self.decoder.memory(values, mask, states)

    def encoder_states(self, source):
        return self.encode(source)["values"]

    def get_config(self):
        return super().get_config() | self.config
