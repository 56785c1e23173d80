"""Recurrent encoder-decoder without attention (Cho et al. 2014, Sutskever et al. 2014)."""

import keras
from keras import ops

from kerasseq.layers.recurrent_encoder import LAYERS, RecurrentEncoder
from kerasseq.layers.token_embedding import TokenEmbedding
from kerasseq.models.seq2seq import Seq2Seq
from kerasseq.tensors import padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentSeq2Seq(Seq2Seq):
    """LSTM or GRU encoder and decoder, joined by the encoder's final states alone.

    Sutskever et al. 2014: a deep LSTM; the final states of every layer, h and c, start the
    decoder, and with `reverse_source` the source is read backwards (section 3.3).

    Cho et al. 2014: with `context_every_step` a summary `c = tanh(V h)` of the source also
    enters every decoder step and the readout, here `tanh(W [s; c; y])` instead of the paper's
    maxout, and each first state is `tanh(V' c)` (appendix A.1).

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

    attends = False

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
        if cell not in LAYERS:
            raise ValueError(
                f"Expected a cell of {sorted(LAYERS)}; received {cell!r}. Choose from the list."
            )
        if tie_embeddings and embedding_dim != hidden_dim:
            raise ValueError(
                "Expected embedding_dim to equal hidden_dim with tie_embeddings=True; received "
                f"{embedding_dim} and {hidden_dim}. Make them equal, or untie."
            )
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
        self.target_embedding = TokenEmbedding(target_vocabulary_size, embedding_dim, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.encoder = RecurrentEncoder(cell, hidden_dim, num_layers, dropout=dropout, dtype=policy)
        self.decoder = [
            LAYERS[cell](hidden_dim, return_sequences=True, dtype=policy) for _ in range(num_layers)
        ]
        if context_every_step:
            self.summary = keras.layers.Dense(hidden_dim, "tanh", dtype=policy)
            self.starts = [
                [keras.layers.Dense(hidden_dim, "tanh", dtype=policy) for _ in layer]
                for layer in [("h", "c") if cell == "lstm" else ("h",)] * num_layers
            ]
            self.readout = keras.layers.Dense(hidden_dim, "tanh", use_bias=False, dtype=policy)
        if not tie_embeddings:
            self.output_dense = keras.layers.Dense(target_vocabulary_size, dtype=policy)
        self.build()

    def encode(self, source, training=False):
        if self.config["reverse_source"]:
            source = reverse_tokens(source)
        x = self.dropout(self.source_embedding(source), training=training)
        _, states = self.encoder(x, padding_mask(source), training=training)
        if not self.config["context_every_step"]:
            return {"states": states}
        context = self.summary(states[-1][0])
        return {
            "states": [[dense(context) for dense in layer] for layer in self.starts],
            "context": context,
        }

    def initial_state(self, memory, max_length):
        return {"cells": memory["states"]}

    def decode_step(self, token, state, memory, step):
        embedded = self.target_embedding(token)
        x = self._with_context([embedded], memory)
        states = []
        for layer, old in zip(self.decoder, state["cells"], strict=True):
            # A cell takes and returns a list of states, or a lone one.
            x, new = layer.cell(x, old if len(old) > 1 else old[0])
            states.append(list(new) if isinstance(new, list | tuple) else [new])
        return self._logits(x, embedded, memory), {"cells": states}, None

    def decode(self, target, memory, training=False):
        embedded = self.dropout(self.target_embedding(target), training=training)
        x = self._with_context([embedded], memory)
        for depth, (layer, states) in enumerate(zip(self.decoder, memory["states"], strict=True)):
            if depth:
                x = self.dropout(x, training=training)
            x = layer(x, initial_state=states, training=training)
        return self._logits(x, embedded, memory, training)

    def _with_context(self, parts, memory):
        """Joins parts `(…, D)` and, where the model has it, the context."""
        if self.config["context_every_step"]:
            context = memory["context"]
            if len(parts[0].shape) == 3:
                context = ops.broadcast_to(
                    context[:, None], (*ops.shape(parts[0])[:2], context.shape[-1])
                )
            parts = [*parts, context]
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)

    def _logits(self, x, embedded, memory, training=False):
        if self.config["context_every_step"]:
            x = self.readout(self._with_context([x, embedded], memory))
        x = self.dropout(x, training=training)
        tied = self.config["tie_embeddings"]
        logits = self.target_embedding.logits(x) if tied else self.output_dense(x)
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | self.config


def reverse_tokens(source):
    """Reverses every row of ids `(B, S)`, but for its last real token and its padding."""
    last = ops.sum(ops.cast(padding_mask(source), "int32"), axis=1, keepdims=True) - 1
    positions = ops.arange(ops.shape(source)[1], dtype="int32")[None]
    mirrored = ops.where(positions < last, last - 1 - positions, positions)
    return ops.take_along_axis(source, mirrored, axis=1)
