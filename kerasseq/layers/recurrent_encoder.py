"""A stack of LSTM or GRU layers over the source."""

import keras
from keras import ops

LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def recurrent_layer(cell):
    """The Keras layer of a cell's name.

    Raises:
        ValueError: for an unknown name.
    """
    if cell not in LAYERS:
        raise ValueError(
            f"Expected a cell of {sorted(LAYERS)}; received {cell!r}. Choose from the list."
        )
    return LAYERS[cell]


@keras.saving.register_keras_serializable("kerasseq")
class RecurrentEncoder(keras.layers.Layer):
    """Reads the source from left to right, or in both directions.

    Padded positions change no state, and their outputs are zero.

    Args:
        cell: "lstm" (Hochreiter and Schmidhuber 1997) or "gru" (Cho et al. 2014).
        hidden_dim: int `H`, units of each direction.
        num_layers: int.
        bidirectional: bool; doubles the width `D` of outputs and states.
        dropout: float, dropped share between layers.

    Call arguments:
        x: float tensor `(B, S, E)`.
        mask: bool tensor `(B, S)`; True = a real position, real positions first.
        training: bool.

    Returns:
        outputs `(B, S, D)`, and a list with one list of final states a layer: `[h, c]` or
        `[h]`, each `(B, D)`.
    """

    def __init__(
        self, cell="lstm", hidden_dim=256, num_layers=1, bidirectional=False, dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.cell = cell
        self.hidden_dim = hidden_dim
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        policy = self.dtype_policy
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.stack = []
        for _ in range(num_layers):
            layer = recurrent_layer(cell)(
                hidden_dim,
                return_sequences=True,
                return_state=True,
                zero_output_for_mask=True,
                dtype=policy,
            )
            self.stack.append(
                keras.layers.Bidirectional(layer, dtype=policy) if bidirectional else layer
            )

    @property
    def output_dim(self):
        """int `D`, the width of outputs and states."""
        return self.hidden_dim * (2 if self.bidirectional else 1)

    def build(self, input_shape):
        for layer in self.stack:
            layer.build(input_shape)
            input_shape = (None, None, self.output_dim)

    def call(self, x, mask, training=False):
        final = []
        for depth, layer in enumerate(self.stack):
            if depth:
                x = self.dropout(x, training=training)
            x, *states = layer(x, mask=mask, training=training)
            if self.bidirectional:
                half = len(states) // 2
                states = [
                    ops.concatenate(pair, axis=-1)
                    for pair in zip(states[:half], states[half:], strict=True)
                ]
            final.append(states)
        return x, final

    def get_config(self):
        return super().get_config() | {
            "cell": self.cell,
            "hidden_dim": self.hidden_dim,
            "num_layers": self.num_layers,
            "bidirectional": self.bidirectional,
            "dropout": self.dropout.rate,
        }
