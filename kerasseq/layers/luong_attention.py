"""Multiplicative attention of one decoder state to the encoder's outputs."""

import keras
from keras import ops

from kerasseq.tensors import masked_softmax


@keras.saving.register_keras_serializable("kerasseq")
class LuongAttention(keras.layers.Layer):
    """`score(s, h) = s · h` or `s · W h` (Luong et al. 2015, section 3.1: dot, general).

    "scaled" is `g s · W h` with a trained number `g`, 1 at the start: `scaled_luong` of
    TensorFlow's NMT tutorial.

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
        """The part of the score that does not change while decoding, `(B, S, Q)`."""
        if self.score == "dot":
            return values
        keys = self.key(values)
        return keys * ops.cast(self.scale, keys.dtype) if self.score == "scaled" else keys

    def call(self, query, keys, values, mask):
        weights = masked_softmax(ops.matmul(keys, query[..., None])[..., 0], mask)
        return ops.matmul(weights[:, None], values)[:, 0], weights

    def get_config(self):
        return super().get_config() | {"score": self.score}
