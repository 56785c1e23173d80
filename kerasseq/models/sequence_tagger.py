"""One label for every token of a sequence."""

import keras

from kerasseq.models.dense_head import DenseHead


@keras.saving.register_keras_serializable("kerasseq")
class SequenceTagger(DenseHead):
    """A text encoder and one dense layer, or two, for each of its vectors.

    Args:
        encoder: see `EncoderHead`.
        num_labels: int `L`.
        dropout: float, on the input of the last layer.
        hidden_activation, hidden_norm, hidden_bias, epsilon: of a layer before it; see
            `DenseHead`. By default there is none.

    Call arguments:
        inputs: dict, the inputs of the encoder.
        training: bool.

    Returns:
        float32 logits `(B, S, L)`.
    """

    def __init__(self, encoder, num_labels, dropout=0.3, **kwargs):
        super().__init__(encoder, num_labels, dropout, **kwargs)
        self.num_labels = num_labels

    def call(self, inputs, training=False):
        vectors, _ = self.encoder(inputs, training=training)
        return self.logits(vectors, training)

    def get_config(self):
        return super().get_config() | {"num_labels": self.num_labels}
