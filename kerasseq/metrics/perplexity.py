"""Perplexity over real tokens."""

import keras
from keras import ops

from kerasseq.metrics.token_mean import TokenMean
from kerasseq.tensors import negative_log_likelihood


@keras.saving.register_keras_serializable("kerasseq")
class Perplexity(TokenMean):
    """`exp(-Σ w log p(y) / Σ w)`, over all tokens seen since the last reset.

    Pass it in `weighted_metrics`: the weights are 1 for real tokens and 0 for padding.
    Label smoothing in the loss does not change it.

    Call arguments:
        y_true: int tensor `(B, T)`.
        y_pred: float logits `(B, T, V)`.
        sample_weight: float tensor `(B, T)`.
    """

    def __init__(self, name="perplexity", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        nll = negative_log_likelihood(y_true, y_pred)
        return super().update_state(nll, sample_weight=sample_weight)

    def result(self):
        return ops.exp(super().result())
