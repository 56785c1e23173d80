"""The recurrent decoder with attention: one step, and tokens to logits."""

import keras
from keras import ops

from kerasseq.layers.embeddings import TokenEmbedding, check_tied
from kerasseq.layers.recurrent_memory import AdditiveAttention, LuongAttention

CELLS = {"lstm": keras.layers.LSTMCell, "gru": keras.layers.GRUCell}
ATTENTIONS = ("bahdanau", "luong_dot", "luong_general", "luong_scaled", "luong_concat")


@keras.saving.register_keras_serializable("kerasseq")
class AttentionCell(keras.layers.Layer):
    """A stack of recurrent cells, and attention to the memory.

    `bahdanau` (Bahdanau et al. 2015): the previous state of the top cell attends, and the
    context enters the cells with the token. The readout is `tanh(W [s; c; y])`; the paper uses
    maxout.

    `luong_*` (Luong et al. 2015, eq. 5): the cells run first, and their output attends. The
    readout is the attentional vector `tanh(W [c; h])`. With `input_feeding` this vector also
    enters the next step with the token (section 3.3).

    Args:
        cell: "lstm" or "gru".
        hidden_dim: int `D`, units of each cell.
        num_layers: int.
        attention: "bahdanau", "luong_dot", "luong_general", "luong_scaled" or "luong_concat".
        input_feeding: bool, for the Luong kinds.
        readout_bias: bool, adds a bias inside the readout's tanh.
        dropout: float, dropped share between cells. All steps share one mask (Gal and
            Ghahramani 2016).

    State: dict of `cells`, for each layer a list of `(B, D)`, and, with input feeding,
    `attentional` `(B, D)`. Memory: dict of `values` `(B, S, M)`, `keys` `(B, S, A)` and
    `mask` `(B, S)`.

    Raises:
        ValueError: for an unknown cell or attention.
    """

    def __init__(
        self,
        cell="lstm",
        hidden_dim=256,
        num_layers=1,
        attention="luong_general",
        input_feeding=True,
        readout_bias=False,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if cell not in CELLS or attention not in ATTENTIONS:
            raise ValueError(
                f"Expected a cell of {sorted(CELLS)} and an attention of {list(ATTENTIONS)}; "
                f"received {cell!r} and {attention!r}. Choose from the lists."
            )
        self.cell = cell
        self.hidden_dim = hidden_dim
        self.attention_kind = attention
        self.looks_first = attention == "bahdanau"
        self.input_feeding = input_feeding and not self.looks_first
        policy = self.dtype_policy
        self.cells = [CELLS[cell](hidden_dim, dtype=policy) for _ in range(num_layers)]
        self.attention = (
            AdditiveAttention(hidden_dim, dtype=policy)
            if attention in ("bahdanau", "luong_concat")
            else LuongAttention(attention.removeprefix("luong_"), dtype=policy)
        )
        self.readout = keras.layers.Dense(hidden_dim, "tanh", use_bias=readout_bias, dtype=policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)

    def build(self, token_shape, values_shape):
        token_dim, memory_dim = token_shape[-1], values_shape[-1]
        extra = memory_dim if self.looks_first else self.hidden_dim * self.input_feeding
        width = token_dim + extra
        for cell in self.cells:
            cell.build((None, width))
            width = self.hidden_dim
        self.attention.build((None, self.hidden_dim), values_shape)
        readout_dim = self.hidden_dim + memory_dim + token_dim * self.looks_first
        self.readout.build((None, readout_dim))

    def initial_state(self, states):
        """The state before the first step.

        Args:
            states: for each cell a list of `(B, D)`.
        """
        state = {"cells": states}
        if self.input_feeding:
            state["attentional"] = ops.zeros_like(states[-1][0])
        return state

    def dropout_masks(self, batch_size, training):
        """The dropout masks between cells, drawn once for all steps: a list of `(B, D)`."""
        ones = ops.ones((batch_size, self.hidden_dim), self.compute_dtype)
        return [self.dropout(ones, training=training) for _ in self.cells[1:]]

    def step(self, token, state, memory, masks=None):
        """Decodes one position.

        Args:
            token: float tensor `(B, E)`, the embedded previous token.
            state: dict as above.
            memory: dict as above.
            masks: list from `dropout_masks`, in training.

        Returns:
            readout `(B, D)`, the new state, and the attention weights `(B, S)`.
        """
        if self.looks_first:
            context, weights = self._attend(state["cells"][-1][0], memory)  # (B, M), (B, S)
            hidden, cells = self._recur([token, context], state["cells"], masks)  # hidden (B, D)
            return self._read([hidden, context, token]), {"cells": cells}, weights
        fed = [token, state["attentional"]] if self.input_feeding else [token]
        hidden, cells = self._recur(fed, state["cells"], masks)  # hidden (B, D)
        context, weights = self._attend(hidden, memory)  # (B, M), (B, S)
        attentional = self._read([context, hidden])  # (B, D)
        state = {"cells": cells}
        if self.input_feeding:
            state["attentional"] = attentional
        return attentional, state, weights

    def call(self, tokens, state, memory, training=False, return_attention=False):
        """Decodes a whole embedded target `(B, T, E)`.

        Returns:
            the readouts `(B, T, D)`; with `return_attention` the attention `(B, T, S)` too.
        """
        masks = self.dropout_masks(ops.shape(tokens)[0], training) if training else None

        def body(carry, token):
            readout, state, weights = self.step(token, carry["state"], memory, masks)
            carry = {"readout": readout, "state": state}
            carry |= {"weights": weights} if return_attention else {}
            return carry, carry

        start = {"readout": ops.zeros_like(state["cells"][-1][0]), "state": state}
        if return_attention:
            start["weights"] = ops.zeros_like(memory["values"][..., 0])  # (B, S)
        _, carries = ops.scan(body, start, ops.transpose(tokens, (1, 0, 2)))  # over (T, B, E)
        readouts = ops.transpose(carries["readout"], (1, 0, 2))  # (T, B, D) to (B, T, D)
        if not return_attention:
            return readouts
        return readouts, ops.transpose(carries["weights"], (1, 0, 2))

    def _attend(self, query, memory):
        return self.attention(query, memory["keys"], memory["values"], memory["mask"])

    def _read(self, parts):
        return self.readout(ops.concatenate(parts, axis=-1))

    def _recur(self, parts, states, masks):
        """Runs all cells once; returns the top output `(B, D)` and the new states."""
        x = ops.concatenate(parts, axis=-1)
        new_states = []
        for depth, (cell, state) in enumerate(zip(self.cells, states, strict=True)):
            if depth and masks is not None:
                x = x * masks[depth - 1]
            # An LSTM takes and returns a list of states, a GRU a tensor.
            x, state = cell(x, state if len(state) > 1 else state[0])
            new_states.append(list(state) if isinstance(state, list | tuple) else [state])
        return x, new_states

    def get_config(self):
        return super().get_config() | {
            "cell": self.cell,
            "hidden_dim": self.hidden_dim,
            "num_layers": len(self.cells),
            "attention": self.attention_kind,
            "input_feeding": self.input_feeding,
            "readout_bias": self.readout.use_bias,
            "dropout": self.dropout.rate,
        }


@keras.saving.register_keras_serializable("kerasseq")
class AttentionDecoder(keras.layers.Layer):
    """An embedding, an `AttentionCell` and the output layer.

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
        return_attention: bool.

    Returns:
        float32 logits `(B, T, V)`; with `return_attention` the attention, float32 `(B, T, S)`, too.

    Memory: `values` `(B, S, M)`, `keys` `(B, S, A)`, `mask` `(B, S)`, and `states`, for each
    layer a list of first states `(B, D)`. State: see `AttentionCell`.

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
        """The memory, from the encoder's outputs and the decoder's first states.

        Args:
            values: float tensor `(B, S, M)`.
            mask: bool tensor `(B, S)`; True = attend.
            states: for each layer a list of first states `(B, D)`.
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

    def call(self, target, memory, training=False, return_attention=False):
        tokens = self.dropout(self.embedding(target), training=training)  # (B, T, E)
        given = tokens, self.initial_state(memory), memory
        found = self.cell(*given, training=training, return_attention=return_attention)
        readouts, weights = found if return_attention else (found, None)  # (B, T, D), (B, T, S)
        logits = self._logits(self.dropout(readouts, training=training))
        return (logits, ops.cast(weights, "float32")) if return_attention else logits

    def _logits(self, readout):
        tied = self.config["tie_embeddings"]
        logits = self.embedding.logits(readout) if tied else self.output_dense(readout)
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | self.config
