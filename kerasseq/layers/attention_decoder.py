"""A recurrent decoder with attention: tokens to logits."""

import keras
from keras import ops

from kerasseq.layers.attention_cell import AttentionCell
from kerasseq.layers.recurrent_decoder import check_tied
from kerasseq.layers.token_embedding import TokenEmbedding


@keras.saving.register_keras_serializable("kerasseq")
class AttentionDecoder(keras.layers.Layer):
    """Embedding, an `AttentionCell`, and the output layer.

    Args:
        vocabulary_size: int `V`.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each cell.
        num_layers: int.
        cell: "lstm" or "gru".
        attention: a kind of `AttentionCell`.
        input_feeding: bool; see `AttentionCell`.
        readout_bias: bool; see `AttentionCell`.
        dropout: float, on embeddings, between cells and on the readout.
        tie_embeddings: bool, the output layer shares the embedding (needs
            `embedding_dim == hidden_dim`).

    Call arguments:
        target: int tensor `(B, T)`, beginning with the start symbol.
        memory: dict, from `memory`.
        training: bool.

    Returns:
        float32 logits `(B, T, V)`.

    Memory: `values` `(B, S, M)`, `keys` `(B, S, A)`, `mask` `(B, S)`, and `states`, a list of
    first states a layer, each `(B, D)`. State: see `AttentionCell`.

    Raises:
        ValueError: for an unknown cell or attention, or a tied embedding of another width.
    """

    attends = True

    def __init__(
        self,
        vocabulary_size,
        embedding_dim,
        hidden_dim,
        num_layers=1,
        cell="lstm",
        attention="luong_general",
        input_feeding=True,
        readout_bias=False,
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
            "attention": attention,
            "input_feeding": input_feeding,
            "readout_bias": readout_bias,
            "dropout": dropout,
            "tie_embeddings": tie_embeddings,
        }
        policy = self.dtype_policy
        self.embedding = TokenEmbedding(vocabulary_size, embedding_dim, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.cell = AttentionCell(
            cell,
            hidden_dim,
            num_layers,
            attention,
            input_feeding,
            readout_bias,
            dropout,
            dtype=policy,
        )
        if not tie_embeddings:
            self.output_dense = keras.layers.Dense(vocabulary_size, dtype=policy)

    def build(self, target_shape, values_shape):
        self.embedding.build(target_shape)
        self.cell.build((None, self.config["embedding_dim"]), values_shape)
        if not self.config["tie_embeddings"]:
            self.output_dense.build((None, None, self.config["hidden_dim"]))

    def memory(self, values, mask, states):
        """The memory, from what is attended to and the first states.

        Args:
            values: float tensor `(B, S, M)`.
            mask: bool tensor `(B, S)`; True = attend.
            states: list of first states a layer, each `(B, D)`.
        """
        keys = self.cell.attention.project(values)
        return {"mask": mask, "values": values, "keys": keys, "states": states}

    def initial_state(self, memory):
        """The state before the first step."""
        return self.cell.initial_state(memory["states"])

    def step(self, token, state, memory):
        """Decodes one position: `(B,)` to logits `(B, V)`, new state, attention `(B, S)`."""
        readout, state, weights = self.cell.step(self.embedding(token), state, memory)
        return self._logits(readout), state, ops.cast(weights, "float32")

    def call(self, target, memory, training=False):
        tokens = self.dropout(self.embedding(target), training=training)
        readouts = self.cell(tokens, self.initial_state(memory), memory, training=training)
        return self._logits(self.dropout(readouts, training=training))

    def _logits(self, readout):
        tied = self.config["tie_embeddings"]
        logits = self.embedding.logits(readout) if tied else self.output_dense(readout)
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | self.config
