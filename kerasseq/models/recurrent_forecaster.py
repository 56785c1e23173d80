"""Numbers in, numbers out: an encoder-decoder over time series."""

import keras
from keras import ops

from kerasseq.layers.attention_decoder import AttentionCell
from kerasseq.layers.recurrent_memory import RecurrentEncoder
from kerasseq.models.seq2seq import Seq2Seq


@keras.saving.register_keras_serializable("kerasseq", name="Forecaster")
class RecurrentForecaster(Seq2Seq):
    """The attention encoder-decoder on features instead of words.

    Where a translator's *token* is an id, here it is the vector of the values at one step,
    and where it gives logits, here are the values of the next step.

    Args:
        num_features: int `D`, features of each past step.
        num_values: int `V`, values of each future step.
        hidden_dim: int, units of each layer.
        num_layers: int, of the encoder and of the decoder.
        cell: "lstm" or "gru".
        attention: a kind of `AttentionCell`.
        dropout: float, between layers and on the readout.

    Call arguments:
        inputs: dict of `source`, float features `(B, S, D)`, and `target`, float values
            `(B, T, V)`, the last known ones first.
        training: bool.

    Returns:
        float32 values `(B, T, V)`: position `t` is the forecast of the values after
        `target[:, t]`, as their difference from `target[:, t]` plus it.

    Memory and state: see `AttentionCell`.

    Raises:
        ValueError: for an unknown cell or attention.
    """

    def __init__(
        self,
        num_features,
        num_values,
        hidden_dim=64,
        num_layers=1,
        cell="lstm",
        attention="bahdanau",
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = {
            "num_features": num_features,
            "num_values": num_values,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "cell": cell,
            "attention": attention,
            "dropout": dropout,
        }
        policy = self.dtype_policy
        self.encoder = RecurrentEncoder(cell, hidden_dim, num_layers, dropout=dropout, dtype=policy)
        self.cell = AttentionCell(
            cell, hidden_dim, num_layers, attention, dropout=dropout, dtype=policy
        )
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.output_dense = keras.layers.Dense(num_values, dtype=policy)
        self.encoder.build((None, None, num_features))
        self.cell.build((None, num_values), (None, None, hidden_dim))
        self.output_dense.build((None, None, hidden_dim))
        self.build()

    def build(self, input_shape=None):
        """Creates every weight, by one pass over two steps."""
        if not self.built:
            self.built = True
            shapes = {"source": self.config["num_features"], "target": self.config["num_values"]}
            self.call({name: ops.zeros((1, 2, width)) for name, width in shapes.items()})

    def inputs_spec(self):
        sizes = {"source": self.config["num_features"], "target": self.config["num_values"]}
        return {name: keras.InputSpec("float32", (None, None, sizes[name])) for name in sizes}

    def encode(self, source, training=False):
        source = ops.cast(source, self.compute_dtype)
        mask = ops.ones_like(source[..., 0], dtype="bool")
        values, states = self.encoder(source, mask, training=training)
        keys = self.cell.attention.project(values)
        return {"mask": mask, "values": values, "keys": keys, "states": states}

    def encoder_states(self, source):
        return self.encode(source)["values"]

    def initial_state(self, memory, max_length):
        return self.cell.initial_state(memory["states"])

    def decode_step(self, token, state, memory, step):
        """One step: values `(B, V)` to the next ones, new state, attention `(B, S)`."""
        given = ops.cast(token, self.compute_dtype)
        readout, state, weights = self.cell.step(given, state, memory)
        return self._next(token, readout), state, ops.cast(weights, "float32")

    def decode(self, target, memory, training=False):
        given = ops.cast(target, self.compute_dtype)
        state = self.cell.initial_state(memory["states"])
        readouts = self.cell(given, state, memory, training=training)
        return self._next(target, self.dropout(readouts, training=training))

    def _next(self, values, readout):
        return ops.cast(values, "float32") + ops.cast(self.output_dense(readout), "float32")

    def forecast(self, source, last, horizon):
        """Runs freely, every step on its own last values.

        Args:
            source: float features `(B, S, D)`.
            last: float values `(B, V)`, the last known ones.
            horizon: int `T`, steps to forecast.

        Returns:
            float32 values `(B, T, V)`.
        """
        memory = self.encode(source)

        def body(carry, step):
            values, state, _ = self.decode_step(carry["values"], carry["state"], memory, step)
            carry = {"state": state, "values": values}
            return carry, carry

        start = {
            "state": self.initial_state(memory, horizon),
            "values": ops.cast(last, "float32"),
        }
        _, carries = ops.scan(body, start, ops.arange(horizon, dtype="int32"))
        return ops.transpose(carries["values"], (1, 0, 2))

    def score(self, source, target, next_tokens):
        """Not defined: a forecaster gives values, no probabilities."""
        raise NotImplementedError("A RecurrentForecaster gives values, no probabilities of tokens.")

    def get_config(self):
        return super().get_config() | self.config
