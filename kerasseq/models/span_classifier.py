"""The first and the last token of an answer."""

import keras
from keras import ops

from kerasseq.models.dense_head import DenseHead

LOWEST = -1e4  # far below any logit; twice this value still fits into float16


@keras.saving.register_keras_serializable("kerasseq")
class SpanClassifier(DenseHead):
    """A text encoder, and logits for the first and for the last token of an answer.

    Devlin et al. 2019, section 4.3. An answer lies after the first separator. The first token of
    the row, `[CLS]`, means "no answer". All other positions get -1e4.

    Args:
        encoder: see `EncoderHead`.
        separator_id: int, the token between question and context.
        dropout: float, on the input of the last layer.
        hidden_activation, hidden_norm, hidden_bias, epsilon: of a layer before it; see
            `DenseHead`. By default there is none.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0.
        training: bool.

    Returns:
        float32 logits `(B, 2, S)`, of the first and of the last token.
    """

    def __init__(self, encoder, separator_id, dropout=0.1, **kwargs):
        super().__init__(encoder, 2, dropout, **kwargs)
        self.separator_id = separator_id

    def call(self, inputs, training=False):
        vectors, mask = self.encoder(inputs, training=training)
        logits = ops.transpose(self.logits(vectors, training), (0, 2, 1))  # (B, 2, S)
        return ops.where(self._allowed(inputs["tokens"], mask)[:, None], logits, LOWEST)

    def _allowed(self, tokens, mask):
        """bool `(B, S)`, True for the tokens of the context and for the first token."""
        separator = ops.equal(tokens, self.separator_id)
        count = ops.cumsum(ops.cast(separator, "int32"), axis=1)  # (B, S)
        of_context = (count > 0) & mask & ops.logical_not(separator)
        return of_context | (ops.cumsum(ops.ones_like(tokens), axis=1) == 1)

    def get_config(self):
        return super().get_config() | {"separator_id": self.separator_id}


def best_spans(logits, longest):
    """The most probable span of each row, and its margin over "no answer".

    Args:
        logits: float tensor `(B, 2, S)`, from a SpanClassifier.
        longest: int, the maximum number of tokens in a span.

    Returns:
        float32 tensor `(B, 3)`: first position, last position, and margin: the sum of their two
        logits minus the two logits of the first token, which means "no answer".
    """
    length = ops.shape(logits)[2]
    positions = ops.arange(length, dtype="int32")
    ahead = positions[None, :] - positions[:, None]  # (first S, last S)
    fits = (ahead >= 0) & (ahead < longest) & (positions[:, None] > 0)
    sums = logits[:, 0, :, None] + logits[:, 1, None, :]  # (B, S, S)
    flat = ops.reshape(ops.where(fits[None], sums, 2 * LOWEST), (-1, length * length))
    # top_k, because TensorFlow Lite lacks the operation behind Keras' argmax.
    highest, best = ops.top_k(flat, 1)  # (B, 1)
    best = ops.cast(best[:, 0], "int32")  # (B,), first * S + last
    margin = highest[:, 0] - logits[:, 0, 0] - logits[:, 1, 0]  # (B,)
    parts = (best // length, best % length, margin)
    return ops.stack([ops.cast(part, "float32") for part in parts], axis=-1)
