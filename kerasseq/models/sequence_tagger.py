"""One answer for every token of a sequence."""

import keras
from keras import ops

from kerasseq.models.get import get, serialize


@keras.saving.register_keras_serializable("kerasseq")
class SequenceTagger(keras.Model):
    """A text encoder and one dense layer on each of its vectors.

    Args:
        encoder: model from inputs to vectors `(B, S, D)` and mask `(B, S)`, with an
            `output_dim` `D`: `RecurrentTextEncoder`, `BertEncoder`.
        num_labels: int `L`.
        dropout: float, on the vectors.

    Call arguments:
        inputs: dict, what the encoder takes.
        training: bool.

    Returns:
        float32 logits `(B, S, L)`.
    """

    def __init__(self, encoder, num_labels, dropout=0.3, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.num_labels = num_labels
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.output_dense = keras.layers.Dense(num_labels, dtype=self.dtype_policy)
        self.output_dense.build((None, None, encoder.output_dim))
        self.built = True
        # As in Seq2Seq: compiling each new shape with XLA takes longer than it saves.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    def call(self, inputs, training=False):
        vectors, _ = self.encoder(inputs, training=training)
        logits = self.output_dense(self.dropout(vectors, training=training))
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | {
            "encoder": serialize(self.encoder),
            "num_labels": self.num_labels,
            "dropout": self.dropout.rate,
        }

    @classmethod
    def from_config(cls, config):
        return cls(get(config.pop("encoder")), **config)
