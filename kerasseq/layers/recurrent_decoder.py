"""A recurrent decoder without attention: tokens to logits."""

import keras
from keras import ops

from kerasseq.layers.maxout import Maxout
from kerasseq.layers.recurrent_encoder import recurrent_layer
from kerasseq.layers.token_embedding import TokenEmbedding


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentDecoder(keras.layers.Layer):
    """Embedding, a stack of LSTM or GRU layers, and the output layer.

    With `context_every_step` (Cho et al. 2014, appendix A.1) a summary `c = tanh(V h)` of the
    source also enters every step and the readout, `maxout([s; c; y])`, and each first state is
    `tanh(V' c)`.

    Args:
        vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each layer.
        num_layers: int.
        cell: "lstm" or "gru".
        context_every_step: bool, see above.
        dropout: float, on embeddings, between layers and on what the output layer reads.
        tie_embeddings: bool, the output layer shares the embedding (needs
            `embedding_dim == hidden_dim`).

    Call arguments:
        target: int tensor `(B, T)`, beginning with the start symbol.
        memory: dict, from `memory`.
        training: bool.

    Returns:
        float32 logits `(B, T, V)`.

    Memory: `states`, a list of first states a layer, each `(B, D)`, and with
    `context_every_step` `context` `(B, D)`. State: `cells`, one list of `(B, D)` a layer.

    Raises:
        ValueError: for an unknown cell, or a tied embedding of another width.
    """

    attends = False

    def __init__(
        self,
        vocabulary_size,
        embedding_dim,
        hidden_dim,
        num_layers=1,
        cell="lstm",
        context_every_step=False,
        dropout=0.0,
        tie_embeddings=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_tied(tie_embeddings, embedding_dim, hidden_dim)
        self.config = {
            "vocabulary_size": vocabulary_size,
            "embedding_dim": embedding_dim,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "cell": cell,
            "context_every_step": context_every_step,
            "dropout": dropout,
            "tie_embeddings": tie_embeddings,
        }
        policy = self.dtype_policy
        self.embedding = TokenEmbedding(vocabulary_size, embedding_dim, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.stack = [
            recurrent_layer(cell)(hidden_dim, return_sequences=True, dtype=policy)
            for _ in range(num_layers)
        ]
        if context_every_step:
            self.summary = keras.layers.Dense(hidden_dim, "tanh", dtype=policy)
            self.starts = [
                [keras.layers.Dense(hidden_dim, "tanh", dtype=policy) for _ in layer]
                for layer in [("h", "c") if cell == "lstm" else ("h",)] * num_layers
            ]
            self.readout = Maxout(hidden_dim, dtype=policy)
        if not tie_embeddings:
            self.output_dense = keras.layers.Dense(vocabulary_size, dtype=policy)

    def build(self, target_shape):
        hidden_dim, width = self.config["hidden_dim"], self.config["embedding_dim"]
        self.embedding.build(target_shape)
        if self.config["context_every_step"]:
            self.summary.build((None, hidden_dim))
            for layer in self.starts:
                for dense in layer:
                    dense.build((None, hidden_dim))
            self.readout.build((None, None, hidden_dim + width + hidden_dim))
            width += hidden_dim
        for layer in self.stack:
            layer.build((None, None, width))
            width = hidden_dim
        if not self.config["tie_embeddings"]:
            self.output_dense.build((None, None, hidden_dim))

    def memory(self, states):
        """The memory, from the encoder's final states, a list a layer of `(B, D)`."""
        if not self.config["context_every_step"]:
            return {"states": states}
        context = self.summary(states[-1][0])
        return {
            "states": [[dense(context) for dense in layer] for layer in self.starts],
            "context": context,
        }

    def initial_state(self, memory):
        """The state before the first step."""
        return {"cells": memory["states"]}

    def step(self, token, state, memory):
        """Decodes one position: `token` `(B,)` to logits `(B, V)`, the new state and None."""
        embedded = self.embedding(token)
        x = self._with_context([embedded], memory)
        states = []
        for layer, old in zip(self.stack, state["cells"], strict=True):
            # A cell takes and returns a list of states, or a lone one.
            x, new = layer.cell(x, old if len(old) > 1 else old[0])
            states.append(list(new) if isinstance(new, list | tuple) else [new])
        return self._logits(x, embedded, memory), {"cells": states}, None

    def call(self, target, memory, training=False):
        embedded = self.dropout(self.embedding(target), training=training)
        x = self._with_context([embedded], memory)
        for depth, (layer, states) in enumerate(zip(self.stack, memory["states"], strict=True)):
            if depth:
                x = self.dropout(x, training=training)
            x = layer(x, initial_state=states, training=training)
        return self._logits(x, embedded, memory, training)

    def _with_context(self, parts, memory):
        """Joins parts `(…, D)` and, where the decoder has it, the context."""
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
        logits = self.embedding.logits(x) if tied else self.output_dense(x)
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | self.config


def check_tied(tie_embeddings, embedding_dim, hidden_dim):
    """Refuses a tied embedding of another width than the states."""
    if tie_embeddings and embedding_dim != hidden_dim:
        raise ValueError(
            "Expected embedding_dim to equal hidden_dim with tie_embeddings=True; received "
            f"{embedding_dim} and {hidden_dim}. Make them equal, or untie."
        )
