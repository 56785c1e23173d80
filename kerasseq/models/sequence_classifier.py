"""One label for a whole sequence."""

import keras
from keras import ops

from kerasseq.models.dense_head import DenseHead

POOLINGS = ("first", "max", "mean")


@keras.saving.register_keras_serializable("kerasseq")
class SequenceClassifier(DenseHead):
    """A text encoder, pooling over its vectors, and one or two dense layers.

    Args:
        encoder: see `EncoderHead`.
        num_labels: int `L`.
        pooling: "max" or "mean" over the real tokens, or "first", the first token's vector.
        hidden_activation: name or callable, of a dense layer of width `D` on the pooled
            vector; None leaves that layer out. BERT's released code pools the first vector
            with "tanh", DistilBERT's with "relu".
        dropout: float, on the input of the last layer.
        hidden_norm, hidden_bias, epsilon: of the hidden layer; see `DenseHead`.

    Call arguments:
        inputs: dict, the inputs of the encoder.
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
        super().__init__(encoder, num_labels, dropout, hidden_activation, **kwargs)
        check_pooling(pooling)
        self.num_labels = num_labels
        self.pooling = pooling

    def call(self, inputs, training=False):
        vectors, mask = self.encoder(inputs, training=training)
        return self.logits(pool(vectors, mask, self.pooling), training)  # of (B, D)

    def get_config(self):
        return super().get_config() | {"num_labels": self.num_labels, "pooling": self.pooling}


def check_pooling(pooling):
    """Refuses an unknown pooling."""
    if pooling not in POOLINGS:
        raise ValueError(
            f"Expected a pooling of {', '.join(POOLINGS)}; received {pooling!r}. Choose one."
        )


def pool(vectors, mask, pooling):
    """Pools vectors `(B, S, D)` to one vector for each row, `(B, D)`.

    For a row without real tokens "max" and "mean" give zeros; "first" gives its first vector.
    """
    if pooling == "first":
        return vectors[:, 0]
    real = ops.cast(mask, vectors.dtype)[..., None]  # (B, S, 1)
    if pooling == "mean":
        return ops.sum(vectors * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1)
    lowest = ops.where(mask[..., None], vectors, ops.cast(-1e4, vectors.dtype))
    return ops.max(lowest, axis=1) * ops.max(real, axis=1)
