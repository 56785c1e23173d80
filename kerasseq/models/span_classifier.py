"""Where an answer begins and where it ends."""

import keras
from keras import ops

from kerasseq.models.encoder_head import EncoderHead

LOWEST = -1e4  # far below any logit, and twice of it still a float16


@keras.saving.register_keras_serializable("kerasseq")
class SpanClassifier(EncoderHead):
    """A text encoder, and a logit each for an answer's first and last token.

    Devlin et al. 2019, section 4.3. An answer stands after the first separator; the first
    token of the row, `[CLS]`, stands for "no answer". Other positions get -1e4.

    Args:
        encoder: see `EncoderHead`.
        separator_id: int, the token between question and context.
        dropout: float, on the vectors.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0.
        training: bool.

    Returns:
        float32 logits `(B, 2, S)`, of the first and of the last token.
    """

    def __init__(self, encoder, separator_id, dropout=0.1, **kwargs):
        super().__init__(encoder, **kwargs)
        self.separator_id = separator_id
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.output_dense = keras.layers.Dense(2, dtype=self.dtype_policy)
        self.output_dense.build((None, None, encoder.output_dim))
        self.built = True

    def call(self, inputs, training=False):
        vectors, mask = self.encoder(inputs, training=training)
        logits = self.output_dense(self.dropout(vectors, training=training))
        logits = ops.transpose(ops.cast(logits, "float32"), (0, 2, 1))
        return ops.where(self._allowed(inputs["tokens"], mask)[:, None], logits, LOWEST)

    def _allowed(self, tokens, mask):
        separator = ops.equal(tokens, self.separator_id)
        count = ops.cumsum(ops.cast(separator, "int32"), axis=1)
        of_context = (count > 0) & mask & ops.logical_not(separator)
        return of_context | (ops.cumsum(ops.ones_like(tokens), axis=1) == 1)

    def get_config(self):
        return super().get_config() | {
            "separator_id": self.separator_id,
            "dropout": self.dropout.rate,
        }


def best_spans(logits, longest):
    """The likeliest span of each row, beside that of no answer.

    Args:
        logits: float tensor `(B, 2, S)`, from a SpanClassifier.
        longest: int, the most tokens of a span.

    Returns:
        float32 tensor `(B, 3)`: first and last position, and the sum of their logits less
        that of the first token, which stands for no answer.
    """
    length = ops.shape(logits)[2]
    positions = ops.arange(length, dtype="int32")
    ahead = positions[None, :] - positions[:, None]
    fits = (ahead >= 0) & (ahead < longest) & (positions[:, None] > 0)
    sums = ops.where(fits[None], logits[:, 0, :, None] + logits[:, 1, None, :], 2 * LOWEST)
    flat = ops.reshape(sums, (-1, length * length))
    # Not argmax: Keras writes it with an operation that TensorFlow Lite lacks.
    highest, best = ops.top_k(flat, 1)
    best = ops.cast(best[:, 0], "int32")
    margin = highest[:, 0] - logits[:, 0, 0] - logits[:, 1, 0]
    parts = (best // length, best % length, margin)
    return ops.stack([ops.cast(part, "float32") for part in parts], axis=-1)
