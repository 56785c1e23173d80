"""One step of a recurrent decoder with attention."""

import keras
from keras import ops

from kerasseq.layers.additive_attention import AdditiveAttention
from kerasseq.layers.luong_attention import LuongAttention

CELLS = {"lstm": keras.layers.LSTMCell, "gru": keras.layers.GRUCell}
ATTENTIONS = ("bahdanau", "luong_dot", "luong_general", "luong_scaled", "luong_concat")


@keras.saving.register_keras_serializable("kerasseq")
class AttentionCell(keras.layers.Layer):
    """A stack of recurrent cells joined with attention to the memory.

    `bahdanau` (Bahdanau et al. 2015): the previous state of the top cell attends, the
    context enters the cells with the token; the readout is the simple
    `tanh(W [s; c; y])` instead of the paper's maxout.

    `luong_*` (Luong et al. 2015, eq. 5): the cells run first, their output attends, and the
    attentional vector `tanh(W [c; h])` is read out; with `input_feeding` it also enters the
    next step beside the token (section 3.3).

    Args:
        cell: "lstm" or "gru".
        hidden_dim: int `D`, units of each cell.
        num_layers: int.
        attention: "bahdanau", "luong_dot", "luong_general", "luong_scaled" or "luong_concat".
        input_feeding: bool, for the Luong kinds.
        readout_bias: bool, adds a bias inside the readout's tanh.
        dropout: float, dropped share between cells; one mask for all steps (Gal and
            Ghahramani 2016).

    State: dict of `cells`, one list of `(B, D)` a layer, and, with input feeding,
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
        """The state before the first step, from a list of the cells' states."""
        state = {"cells": states}
        if self.input_feeding:
            state["attentional"] = ops.zeros_like(states[-1][0])
        return state

    def dropout_masks(self, batch_size, training):
        """The masks between cells, drawn before the loop: a list of `(B, D)`."""
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
            context, weights = self._attend(state["cells"][-1][0], memory)
            hidden, cells = self._recur([token, context], state["cells"], masks)
            return self._read([hidden, context, token]), {"cells": cells}, weights
        fed = [token, state["attentional"]] if self.input_feeding else [token]
        hidden, cells = self._recur(fed, state["cells"], masks)
        context, weights = self._attend(hidden, memory)
        attentional = self._read([context, hidden])
        state = {"cells": cells}
        if self.input_feeding:
            state["attentional"] = attentional
        return attentional, state, weights

    def call(self, tokens, state, memory, training=False):
        """Decodes a whole embedded target `(B, T, E)`; returns the readouts `(B, T, D)`."""
        masks = self.dropout_masks(ops.shape(tokens)[0], training) if training else None

        def body(carry, token):
            readout, state, _ = self.step(token, carry["state"], memory, masks)
            carry = {"readout": readout, "state": state}
            return carry, carry

        start = {"readout": ops.zeros_like(state["cells"][-1][0]), "state": state}
        _, carries = ops.scan(body, start, ops.transpose(tokens, (1, 0, 2)))
        return ops.transpose(carries["readout"], (1, 0, 2))

    def _attend(self, query, memory):
        return self.attention(query, memory["keys"], memory["values"], memory["mask"])

    def _read(self, parts):
        return self.readout(ops.concatenate(parts, axis=-1))

    def _recur(self, parts, states, masks):
        x = ops.concatenate(parts, axis=-1)
        new_states = []
        for depth, (cell, state) in enumerate(zip(self.cells, states, strict=True)):
            if depth and masks is not None:
                x = x * masks[depth - 1]
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
