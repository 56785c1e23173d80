"""One answer for a whole sequence."""

import keras
from keras import ops

from kerasseq.models.encoder_head import EncoderHead

POOLINGS = ("first", "max", "mean")


@keras.saving.register_keras_serializable("kerasseq")
class SequenceClassifier(EncoderHead):
    """A text encoder, its vectors pooled, and a dense layer or two.

    Args:
        encoder: see `EncoderHead`.
        num_labels: int `L`.
        pooling: "max" or "mean" over the real tokens, or "first", the first token's vector.
        hidden_activation: name or callable, of a dense layer of width `D` on the pooled
            vector; None for none. The pooler of BERT's released code is "tanh" on the first
            vector, DistilBERT's "relu".
        dropout: float, on what enters the last layer.

    Call arguments:
        inputs: dict, what the encoder takes.
        training: bool.

    Returns:
        float32 logits `(B, L)`.

    Raises:
        ValueError: for an unknown pooling.
    """

    def __init__(
        self,
        encoder,
        num_labels,
        pooling="max",
        hidden_activation=None,
        dropout=0.3,
        **kwargs,
    ):
        super().__init__(encoder, **kwargs)
        if pooling not in POOLINGS:
            raise ValueError(
                f"Expected a pooling of {', '.join(POOLINGS)}; received {pooling!r}. Choose one."
            )
        self.num_labels = num_labels
        self.pooling = pooling
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.hidden_activation = None
        if hidden_activation is not None:
            activation = keras.activations.get(hidden_activation)
            self.hidden_activation = keras.activations.serialize(activation)
            self.hidden_dense = keras.layers.Dense(
                encoder.output_dim, activation, dtype=self.dtype_policy
            )
            self.hidden_dense.build((None, encoder.output_dim))
        self.output_dense = keras.layers.Dense(num_labels, dtype=self.dtype_policy)
        self.output_dense.build((None, encoder.output_dim))
        self.built = True

    def call(self, inputs, training=False):
        vectors, mask = self.encoder(inputs, training=training)
        pooled = pool(vectors, mask, self.pooling)
        if self.hidden_activation is not None:
            pooled = self.hidden_dense(pooled)
        logits = self.output_dense(self.dropout(pooled, training=training))
        return ops.cast(logits, "float32")

    def get_config(self):
        return super().get_config() | {
            "num_labels": self.num_labels,
            "pooling": self.pooling,
            "hidden_activation": self.hidden_activation,
            "dropout": self.dropout.rate,
        }


def pool(vectors, mask, pooling):
    """Vectors `(B, S, D)` to one a row `(B, D)`.

    A row without a real token gives zeros for "max" and "mean"; "first" takes what stands there.
    """
    if pooling == "first":
        return vectors[:, 0]
    real = ops.cast(mask, vectors.dtype)[..., None]
    if pooling == "mean":
        return ops.sum(vectors * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1)
    lowest = ops.where(mask[..., None], vectors, ops.cast(-1e4, vectors.dtype))
    return ops.max(lowest, axis=1) * ops.max(real, axis=1)
