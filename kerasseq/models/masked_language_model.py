"""The tokens behind the masks of a text."""

import keras
from keras import ops

from kerasseq.layers import activations, norms
from kerasseq.models.encoder_head import EncoderHead


@keras.saving.register_keras_serializable("kerasseq")
class MaskedLanguageModel(EncoderHead):
    """A text encoder and the logits of the tokens at chosen positions.

    Devlin et al. 2019, section 3.1, task 1. As in the code released with the paper, the vector
    of a position passes through a dense layer, an activation and a normalisation. Its inner
    products with the token embeddings, plus a bias, are the logits.

    Args:
        encoder: BertEncoder, ModernBertEncoder or HubEncoder.
        activation: name or callable.
        epsilon: float, of the normalisation.
        hidden_norm: which normalisation; see `kerasseq.layers.norms`.
        hidden_bias: bool, whether the dense layer has a bias.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0, and `positions`, int tensor
            `(B, P)`, the positions to predict.
        training: bool.

    Returns:
        float32 logits `(B, P, V)`.
    """

    def __init__(
        self,
        encoder,
        activation="gelu",
        epsilon=1e-12,
        hidden_norm="layer",
        hidden_bias=True,
        **kwargs,
    ):
        super().__init__(encoder, **kwargs)
        self.activation = activations.get(activation)
        self.epsilon = epsilon
        self.hidden = {"hidden_norm": hidden_norm, "hidden_bias": hidden_bias}
        dim, policy = encoder.embedding_dim, self.dtype_policy
        self.hidden_dense = keras.layers.Dense(
            dim, self.activation, use_bias=hidden_bias, dtype=policy
        )
        self.norm = norms.make(hidden_norm, epsilon, dtype=policy)
        self.hidden_dense.build((None, None, encoder.output_dim))
        self.norm.build((None, None, dim))
        self.output_bias = self.add_weight(
            shape=(encoder.config["vocabulary_size"],), initializer="zeros", name="output_bias"
        )
        self.built = True

    def call(self, inputs, training=False):
        vectors, _ = self.encoder({"tokens": inputs["tokens"]}, training=training)
        chosen = ops.take_along_axis(vectors, inputs["positions"][..., None], axis=1)  # (B, P, D)
        hidden = self.norm(self.hidden_dense(chosen))  # (B, P, E)
        return ops.cast(self.encoder.token_logits(hidden), "float32") + self.output_bias

    def get_config(self):
        return (
            super().get_config()
            | self.hidden
            | {
                "activation": activations.serialize(self.activation),
                "epsilon": self.epsilon,
            }
        )
