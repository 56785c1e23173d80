"""Recurrent encoder-decoders: without attention, and with it."""

import keras
from keras import ops

from kerasseq.layers.attention_decoder import AttentionDecoder
from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.recurrent_decoder import RecurrentDecoder
from kerasseq.layers.recurrent_memory import RecurrentEncoder
from kerasseq.models.seq2seq import Seq2Seq
from kerasseq.tensors import padding_mask


class RecurrentBase(Seq2Seq):
    """A Seq2Seq that decodes with an `AttentionDecoder` or a `RecurrentDecoder`.

    A subclass creates `self.decoder`, implements `encode`, which returns `self.decoder.memory`
    of its states, and ends its constructor with `self.build()`.
    """

    @property
    def attends(self):
        return self.decoder.attends

    @property
    def target_embedding(self):
        """TokenEmbedding of the target."""
        return self.decoder.embedding

    @property
    def output_bias(self):
        """The bias `(V,)` of the logits; None with tied embeddings."""
        dense = getattr(self.decoder, "output_dense", None)
        return dense and dense.bias

    def initial_state(self, memory, max_length):
        return self.decoder.initial_state(memory)

    def decode_step(self, token, state, memory, step):
        return self.decoder.step(token, state, memory)

    def decode(self, target, memory, training=False):
        return self.decoder(target, memory, training=training)

    def decode_attending(self, target, memory, training=False):
        return self.decoder(target, memory, training=training, return_attention=True)


def state_layers(cell, hidden_dim, num_layers, dtype):
    """Dense layers for a decoder's first states: for each layer one for `h`, one for an LSTM's `c`.

    `h` lies between -1 and 1, so its layer ends in tanh; `c` has no bounds.
    """
    activations = ("tanh", None) if cell == "lstm" else ("tanh",)
    return [
        [keras.layers.Dense(hidden_dim, activation, dtype=dtype) for activation in activations]
        for _ in range(num_layers)
    ]


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentSeq2Seq(RecurrentBase):
    """LSTM or GRU encoder and decoder, joined by the encoder's final states alone.

    Sutskever et al. 2014: the final states h and c of every layer of a deep LSTM start the
    decoder. With `reverse_source` the encoder reads the source backwards (section 3.3).

    Cho et al. 2014: with `context_every_step` a summary of the source also enters every
    decoder step (appendix A.1; see `RecurrentDecoder`).

    Args:
        source_vocabulary_size: int.
        target_vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each layer.
        num_layers: int, of the encoder and of the decoder.
        cell: "lstm" or "gru".
        reverse_source: bool, the encoder reads the source backwards, its end symbol last.
        context_every_step: bool, see above.
        dropout: float, on embeddings, between layers and on the input of the output layer.
        tie_embeddings: bool, the output layer shares the target embedding (needs
            `embedding_dim == hidden_dim`).

    Memory: `states`, the decoder's first states, and with `context_every_step` `context`
    `(B, D)`. State: `cells`, for each layer a list of `(B, D)`. There is no attention.

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
        """The encoder's outputs `(B, S, D)`, in reading order, and its final states."""
        if self.config["reverse_source"]:
            source = _reverse(source, source)
        x = self.dropout(self.source_embedding(source), training=training)
        return self.encoder(x, padding_mask(source), training=training)

    def get_config(self):
        return super().get_config() | self.config


def _reverse(values, source):
    """Reverses every row of values `(B, S, …)`.

    The last real token, the end symbol, and the padding of `source` `(B, S)` stay in place.
    Reversing twice gives the values again.
    """
    last = ops.sum(ops.cast(padding_mask(source), "int32"), axis=1, keepdims=True) - 1  # (B, 1)
    positions = ops.arange(ops.shape(source)[1], dtype="int32")[None]  # (1, S)
    mirrored = ops.where(positions < last, last - 1 - positions, positions)  # (B, S)
    mirrored = ops.reshape(mirrored, (*ops.shape(mirrored), *[1] * (len(values.shape) - 2)))
    return ops.take_along_axis(values, mirrored, axis=1)


@keras.saving.register_keras_serializable("kerasseq")
class AttentionSeq2Seq(RecurrentBase):
    """LSTM or GRU encoder and decoder, joined by attention.

    Bahdanau et al. 2015, Luong et al. 2015.

    Args:
        source_vocabulary_size: int.
        target_vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each decoder cell, and width of the encoder's outputs; with
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
        bridge: source of the decoder's first states. "final": the encoder's final states; a
            left-to-right encoder passes them on unchanged, a bidirectional one through dense
            layers (tanh for h). "mean": the mean of the encoder's outputs, through dense
            layers (Sennrich et al. 2017, Nematus).

    Memory and state: see `AttentionDecoder`. `kerasseq.training.initialize_output_bias` saves
    the first steps of a long training.

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
            self.bridge = state_layers(cell, hidden_dim, num_layers, policy)
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
        x = self.dropout(self.source_embedding(source), training=training)  # (B, S, E)
        values, states = self.encoder(x, mask, training=training)  # values (B, S, D)
        if self.config["bridge"] == "mean":
            real = ops.cast(mask, values.dtype)[..., None]  # (B, S, 1)
            mean = ops.sum(values * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1)  # (B, D)
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
