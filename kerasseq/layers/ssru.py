"""The simpler simple recurrent unit, and the decoder block that has it for self-attention."""

import keras
from keras import ops

from kerasseq.layers.transformer_blocks import DecoderBlock


@keras.saving.register_keras_serializable("kerasseq")
class SSRU(keras.layers.Layer):
    """`f = σ(Wf x + bf)`, `c_t = f ⊙ c_{t-1} + (1 - f) ⊙ W x`, output `relu(c_t)`.

    Kim et al. 2019, "From Research to Production and Back: Ludicrously Fast Neural Machine
    Translation", section 3.1. What it keeps of earlier positions does not grow with them.

    Call arguments:
        x: float tensor `(B, T, D)`.
        mask, bias: what self-attention takes in these places; a position sees earlier ones
            alone without a mask, and it knows no distances.
        training: bool.

    Returns:
        output `(B, T, D)`, and None in the place of attention weights.
    """

    def build(self, input_shape):
        dim = input_shape[-1]
        self.forget = keras.layers.Dense(dim, "sigmoid", dtype=self.dtype_policy)
        self.value = keras.layers.Dense(dim, use_bias=False, dtype=self.dtype_policy)
        for dense in (self.forget, self.value):
            dense.build((None, None, dim))

    def call(self, x, mask=None, training=False, bias=None):
        forget, value = self.forget(x), self.value(x)  # (B, T, D)
        # One tensor: under TensorFlow, Keras' scan takes several of a static length alone.
        steps = ops.transpose(ops.concatenate([forget, value], axis=-1), (1, 0, 2))  # (T, B, 2 D)

        def advance(cell, now):
            cell = _kept(*ops.split(now, 2, axis=-1), cell)
            return cell, cell

        _, cells = ops.scan(advance, ops.zeros_like(value[:, 0]), steps)  # (T, B, D)
        return ops.relu(ops.transpose(cells, (1, 0, 2))), None

    def initial_cache(self, batch_size, max_length, dim):
        """The cell before the first position: a dict of zeros `(B, D)`, for any `max_length`."""
        return {"cell": ops.zeros((batch_size, dim), self.compute_dtype)}

    def step(self, x, cache, step, bias=None):
        """Goes on by one new position.

        Args:
            x: float tensor `(B, D)`, the new position.
            cache: dict from `initial_cache` or the previous step.
            step: scalar int32, the index of the new position, which does not matter here; nor
                does `bias`.

        Returns:
            output `(B, D)` and the new cache.
        """
        cell = _kept(self.forget(x), self.value(x), cache["cell"])  # (B, D)
        return ops.relu(cell), {"cell": cell}


def _kept(forget, value, cell):
    return forget * cell + (1 - forget) * value


@keras.saving.register_keras_serializable("kerasseq")
class SSRUDecoderBlock(DecoderBlock):
    """A `DecoderBlock` with an SSRU in the place of its self-attention.

    Arguments as there; an SSRU has neither heads nor other biases than its own.
    """

    def make_self_attention(self):
        return SSRU(dtype=self.dtype_policy)
