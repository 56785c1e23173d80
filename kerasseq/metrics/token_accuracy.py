"""Share of target tokens that the model ranks first."""

import keras
from keras import ops

from kerasseq.metrics.token_mean import TokenMean


@keras.saving.register_keras_serializable("kerasseq")
class TokenAccuracy(TokenMean):
    """Share, in `[0, 1]`, of real tokens whose logit is the largest (teacher forcing).

    Pass it in `weighted_metrics`: the weights are 1 for real tokens and 0 for padding.

    Call arguments:
        y_true: int tensor `(B, T)`, or `(B,)` for one answer a row.
        y_pred: float logits `(B, T, V)`, or `(B, V)`.
        sample_weight: float tensor, like `y_true`.
    """

    def __init__(self, name="token_accuracy", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = ops.equal(ops.cast(y_true, "int32"), ops.cast(ops.argmax(y_pred, -1), "int32"))
        return super().update_state(ops.cast(hit, self.dtype), sample_weight=sample_weight)
