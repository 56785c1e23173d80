"""One label for every token of a sequence."""

import keras
from keras import ops

from kerasseq.models.encoder_head import EncoderHead


@keras.saving.register_keras_serializable("kerasseq")
class SequenceTagger(EncoderHead):
    """A text encoder and one dense layer for each of its vectors.

    Args:
        encoder: see `EncoderHead`.
        num_labels: int `L`.
        dropout: float, on the vectors.

    Call arguments:
        inputs: dict, the inputs of the encoder.
        training: bool.

    Returns:
        float32 logits `(B, S, L)`.
    """

    def __init__(self, encoder, num_labels, dropout=0.3, **kwargs):
        super().__init__(encoder, **kwargs)
        self.num_labels = num_labels
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.output_dense = keras.layers.Dense(num_labels, dtype=self.dtype_policy)
        self.output_dense.build((None, None, encoder.output_dim))
        self.built = True

    def call(self, inputs, training=False):
        vectors, _ = self.encoder(inputs, training=training)
        logits = self.output_dense(self.dropout(vectors, training=training))
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | {
            "num_labels": self.num_labels,
            "dropout": self.dropout.rate,
        }
