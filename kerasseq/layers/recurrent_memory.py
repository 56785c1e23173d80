"""The memory of a recurrent model: the encoder that makes it, the attention that reads it."""

import keras
from keras import ops

from kerasseq.tensors import masked_softmax

LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def recurrent_layer(cell):
    """The Keras layer for the name of a cell.

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

    Padded positions leave the states unchanged, and their outputs are zero.

    Args:
        cell: "lstm" (Hochreiter and Schmidhuber 1997) or "gru" (Cho et al. 2014).
        hidden_dim: int `H`, units of each direction.
        num_layers: int.
        bidirectional: bool; doubles the width `D` of outputs and states.
        dropout: float, dropped share between layers.

    Call arguments:
        x: float tensor `(B, S, E)`.
        mask: bool tensor `(B, S)`; True = a real position. Padding comes last.
        training: bool.

    Returns:
        outputs `(B, S, D)`, and the final states: for each layer a list `[h, c]` or `[h]`,
        each `(B, D)`.
    """

    def __init__(
        self, cell="lstm", hidden_dim=256, num_layers=1, bidirectional=False, dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        if self.variable_dtype == "bfloat16":  # in which no backend draws orthogonal matrices
            raise ValueError(
                "Expected recurrent layers with weights in float32, float64 or float16; received "
                'bfloat16. Set the policy to "mixed_bfloat16", which computes in bfloat16.'
            )
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
            x, *states = layer(x, mask=mask, training=training)  # x (B, S, D)
            if self.bidirectional:
                half = len(states) // 2  # forward states (B, H), then backward ones
                states = [
                    ops.concatenate(pair, axis=-1)  # (B, D)
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


@keras.saving.register_keras_serializable("kerasseq")
class AdditiveAttention(keras.layers.Layer):
    """`score(s, h) = v · tanh(W s + U h)` (Bahdanau et al. 2015, appendix A.1.2).

    With the current decoder state as `s` this is Luong's "concat" score (Luong et al.
    2015, section 3.1): its matrix over `[s; h]` is `[W U]`.

    Args:
        units: int `A`, width of the comparison.

    Call arguments:
        query: float tensor `(B, Q)`.
        keys: float tensor `(B, S, A)`, from `project`.
        values: float tensor `(B, S, D)`.
        mask: bool tensor `(B, S)`; True = attend.

    Returns:
        context `(B, D)` and weights `(B, S)`.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.query = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        self.key = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        self.energy = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy)

    def build(self, query_shape, values_shape):
        self.query.build(query_shape)
        self.key.build(values_shape)
        self.energy.build((None, None, self.units))

    def project(self, values):
        """The keys, the part of the score that is constant while decoding: `U h`, `(B, S, A)`."""
        return self.key(values)

    def call(self, query, keys, values, mask):
        compared = ops.tanh(self.query(query)[:, None] + keys)  # (B, S, A)
        weights = masked_softmax(self.energy(compared)[..., 0], mask)  # (B, S)
        return ops.matmul(weights[:, None], values)[:, 0], weights

    def get_config(self):
        return super().get_config() | {"units": self.units}


@keras.saving.register_keras_serializable("kerasseq")
class LuongAttention(keras.layers.Layer):
    """`score(s, h) = s · h` or `s · W h` (Luong et al. 2015, section 3.1: dot, general).

    "scaled" is `g s · W h`, where the trained scalar `g` starts at 1. TensorFlow's NMT tutorial
    calls it `scaled_luong`.

    Args:
        score: "dot", "general" or "scaled".

    Call arguments:
        query: float tensor `(B, Q)`.
        keys: float tensor `(B, S, Q)`, from `project`.
        values: float tensor `(B, S, D)`.
        mask: bool tensor `(B, S)`; True = attend.

    Returns:
        context `(B, D)` and weights `(B, S)`.

    Raises:
        ValueError: for an unknown score; at build, for "dot" between unequal widths.
    """

    def __init__(self, score="general", **kwargs):
        super().__init__(**kwargs)
        if score not in ("dot", "general", "scaled"):
            raise ValueError(
                f'Expected score to be "dot", "general" or "scaled"; received {score!r}. '
                "Choose one."
            )
        self.score = score

    def build(self, query_shape, values_shape):
        if self.score != "dot":
            self.key = keras.layers.Dense(query_shape[-1], use_bias=False, dtype=self.dtype_policy)
            self.key.build(values_shape)
        elif query_shape[-1] != values_shape[-1]:
            raise ValueError(
                "Expected decoder and encoder outputs of one width for the dot score; received "
                f'{query_shape[-1]} and {values_shape[-1]}. Use score="general".'
            )
        if self.score == "scaled":
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def project(self, values):
        """The keys, the part of the score that is constant while decoding: `(B, S, Q)`."""
        if self.score == "dot":
            return values
        keys = self.key(values)
        return keys * ops.cast(self.scale, keys.dtype) if self.score == "scaled" else keys

    def call(self, query, keys, values, mask):
        weights = masked_softmax(ops.matmul(keys, query[..., None])[..., 0], mask)  # (B, S)
        return ops.matmul(weights[:, None], values)[:, 0], weights

    def get_config(self):
        return super().get_config() | {"score": self.score}
