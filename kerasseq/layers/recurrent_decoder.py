"""The recurrent decoder without attention: tokens to logits."""

import keras
from keras import ops

from kerasseq.layers.embeddings import TokenEmbedding, check_tied
from kerasseq.layers.recurrent_memory import recurrent_layer


@keras.saving.register_keras_serializable("kerasseq")
class Maxout(keras.layers.Layer):
    """`max(x W_1, x W_2)` for each unit (Goodfellow et al. 2013, eq. 1).

    There is no bias, as in Cho et al. 2014 (appendix A.1) and Bahdanau et al. 2015 (appendix
    A.2.2). Unlike tanh, a maxout unit cannot saturate.

    Args:
        units: int `D`.

    Call arguments:
        x: float tensor `(…, W)`.

    Returns:
        float tensor `(…, D)`.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.pieces = keras.layers.Dense(2 * units, use_bias=False, dtype=self.dtype_policy)

    def build(self, input_shape):
        self.pieces.build(input_shape)

    def call(self, x):
        first, second = ops.split(self.pieces(x), 2, axis=-1)  # each (…, D)
        return ops.maximum(first, second)

    def get_config(self):
        return super().get_config() | {"units": self.units}


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentDecoder(keras.layers.Layer):
    """An embedding, a stack of LSTM or GRU layers and the output layer.

    With `context_every_step` (Cho et al. 2014, appendix A.1) a summary `c = tanh(V h)` of the
    source enters every step, and the readout is `maxout([s; c; y])`. Each first state is then
    `tanh(V' c)`.

    Args:
        vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each layer.
        num_layers: int.
        cell: "lstm" or "gru".
        context_every_step: bool, see above.
        dropout: float, on embeddings, between layers and on the input of the output layer.
        tie_embeddings: bool, the output layer shares the embedding (needs
            `embedding_dim == hidden_dim`).

    Call arguments:
        target: int tensor `(B, T)`, beginning with the start symbol.
        memory: dict, from `memory`.
        training: bool.

    Returns:
        float32 logits `(B, T, V)`.

    Memory: `states`, for each layer a list of first states `(B, D)`, and with
    `context_every_step` `context` `(B, D)`. State: `cells`, for each layer a list of `(B, D)`.

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
        """The memory, from the encoder's final states: for each layer a list of `(B, D)`."""
        if not self.config["context_every_step"]:
            return {"states": states}
        context = self.summary(states[-1][0])  # (B, D)
        return {
            "states": [[dense(context) for dense in layer] for layer in self.starts],
            "context": context,
        }

    def initial_state(self, memory):
        """The state before the first step."""
        return {"cells": memory["states"]}

    def step(self, token, state, memory):
        """Decodes one position: `token` `(B,)` to logits `(B, V)`, the new state and None."""
        embedded = self.embedding(token)  # (B, E)
        x = self._with_context([embedded], memory)
        states = []
        for layer, old in zip(self.stack, state["cells"], strict=True):
            # An LSTM takes and returns a list of states, a GRU a tensor.
            x, new = layer.cell(x, old if len(old) > 1 else old[0])  # x (B, D)
            states.append(list(new) if isinstance(new, list | tuple) else [new])
        return self._logits(x, embedded, memory), {"cells": states}, None

    def call(self, target, memory, training=False):
        embedded = self.dropout(self.embedding(target), training=training)  # (B, T, E)
        x = self._with_context([embedded], memory)
        for depth, (layer, states) in enumerate(zip(self.stack, memory["states"], strict=True)):
            if depth:
                x = self.dropout(x, training=training)
            x = layer(x, initial_state=states, training=training)  # (B, T, D)
        return self._logits(x, embedded, memory, training)

    def _with_context(self, parts, memory):
        """Concatenates parts `(…, width)` and, with `context_every_step`, the context."""
        if self.config["context_every_step"]:
            context = memory["context"]
            if len(parts[0].shape) == 3:
                context = ops.broadcast_to(  # (B, D) to (B, T, D)
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
