"""One vector for a whole sequence."""

import keras
from keras import ops

from kerasseq.models.encoder_head import EncoderHead
from kerasseq.models.sequence_classifier import check_pooling, pool


@keras.saving.register_keras_serializable("kerasseq")
class SentenceEncoder(EncoderHead):
    """A text encoder, its vectors pooled to one (Reimers and Gurevych 2019, section 3).

    Args:
        encoder: see `EncoderHead`.
        pooling: "max" or "mean" over the real tokens, or "first", the first token's vector.
        normalize: bool, scale each vector to length 1, so that a dot product is a cosine.

    Call arguments:
        inputs: dict, what the encoder takes.
        training: bool.

    Returns:
        float32 vectors `(B, D)`.

    Raises:
        ValueError: for an unknown pooling.
    """

    def __init__(self, encoder, pooling="mean", normalize=True, **kwargs):
        super().__init__(encoder, **kwargs)
        check_pooling(pooling)
        self.pooling = pooling
        self.normalize = normalize
        self.built = True

    def call(self, inputs, training=False):
        vectors, mask = self.encoder(inputs, training=training)  # (B, S, D), (B, S)
        pooled = ops.cast(pool(vectors, mask, self.pooling), "float32")  # (B, D)
        if not self.normalize:
            return pooled
        lengths = ops.sqrt(ops.sum(ops.square(pooled), axis=-1, keepdims=True))
        return pooled / ops.maximum(lengths, 1e-12)

    def get_config(self):
        return super().get_config() | {"pooling": self.pooling, "normalize": self.normalize}
