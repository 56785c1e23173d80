"""The base class of heads with a dense layer for labels."""

import keras
from keras import ops

from kerasseq.layers import activations, norms
from kerasseq.models.encoder_head import EncoderHead


class DenseHead(EncoderHead):
    """A text encoder, and one or two dense layers on its vectors.

    Args:
        encoder: see `EncoderHead`.
        width: int `L`, of the last layer.
        dropout: float, on the input of the last layer.
        hidden_activation: name or callable, of a dense layer of width `D` before it; None leaves
            that layer out.
        hidden_norm: the normalisation behind that layer, see `kerasseq.layers.norms`; None for
            none.
        hidden_bias: bool, whether that layer has a bias.
        epsilon: float, of the normalisation.
    """

    def __init__(
        self,
        encoder,
        width,
        dropout=0.0,
        hidden_activation=None,
        hidden_norm=None,
        hidden_bias=True,
        epsilon=1e-5,
        **kwargs,
    ):
        super().__init__(encoder, **kwargs)
        policy, dim = self.dtype_policy, encoder.output_dim
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.hidden_activation = None
        self.hidden = {"hidden_norm": hidden_norm, "hidden_bias": hidden_bias, "epsilon": epsilon}
        if hidden_activation is not None:
            activation = activations.get(hidden_activation)
            self.hidden_activation = activations.serialize(activation)
            self.hidden_dense = keras.layers.Dense(
                dim, activation, use_bias=hidden_bias, dtype=policy
            )
            self.norm = norms.make(hidden_norm, epsilon, dtype=policy)
            self.hidden_dense.build((None, None, dim))
            self.norm.build((None, None, dim))
        self.output_dense = keras.layers.Dense(width, dtype=policy)
        self.output_dense.build((None, None, dim))
        self.built = True

    def logits(self, x, training=False):
        """Vectors `(…, D)` to float32 logits `(…, L)`."""
        if self.hidden_activation is not None:
            x = self.norm(self.hidden_dense(x))
        return ops.cast(self.output_dense(self.dropout(x, training=training)), "float32")

    def get_config(self):
        return (
            super().get_config()
            | self.hidden
            | {
                "hidden_activation": self.hidden_activation,
                "dropout": self.dropout.rate,
            }
        )
