"""Cross-entropy of token sequences from logits."""

import keras
from keras import ops

from kerasseq.tensors import negative_log_likelihood, wide_float


@keras.saving.register_keras_serializable("kerasseq")
class SequenceCrossentropy(keras.losses.Loss):
    """Mean over real tokens of `-Σ q(v) log p(v)`, in nats.

    With smoothing `ε`, `q = (1 - ε) onehot(y) + ε / V` (Szegedy et al. 2016, section 7).
    Only the sample weights mark padding: they are 1 for a real token and 0 for padding, and the
    sum is divided by the sum of the weights. It is computed in float32 or wider.

    Args:
        label_smoothing: float `ε` in `[0, 1)`.

    Call arguments:
        y_true: int tensor `(B, T)`, or `(B,)` for one answer a row.
        y_pred: float logits `(B, T, V)`, or `(B, V)`.
        sample_weight: float tensor, like `y_true`.

    Raises:
        ValueError: for a smoothing outside `[0, 1)`.
    """

    def __init__(
        self,
        label_smoothing=0.0,
        name="sequence_crossentropy",
        reduction="mean_with_sample_weight",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype or wide_float())
        if not 0 <= label_smoothing < 1:
            raise ValueError(
                f"Expected label_smoothing in [0, 1); received {label_smoothing}. 0.1 is usual."
            )
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        nll = negative_log_likelihood(y_true, y_pred)
        if not self.label_smoothing:
            return nll
        # -mean_v log p(v) = logsumexp(z) - mean(z)
        uniform = ops.logsumexp(y_pred, axis=-1) - ops.mean(y_pred, axis=-1)
        return (1 - self.label_smoothing) * nll + self.label_smoothing * uniform

    def get_config(self):
        return super().get_config() | {"label_smoothing": self.label_smoothing}
