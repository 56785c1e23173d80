"""Cross-entropy of token sequences from logits."""

import keras
from keras import ops

from kerasseq.tensors import negative_log_likelihood, wide_float
from kerasseq.text.checks import is_number


@keras.saving.register_keras_serializable("kerasseq")
class SequenceCrossentropy(keras.losses.Loss):
    """Mean over real tokens of `-Σ q(v) log p(v)`, in nats.

    With smoothing `ε`, `q = (1 - ε) onehot(y) + ε / V` (Szegedy et al. 2016, section 7).
    Only the sample weights mark padding: they are 1 for a real token and 0 for padding, and the
    sum is divided by the sum of the weights. It is computed in float32 or wider.

    With `r_drop` a `Seq2Seq` reads each batch that it learns from twice, and drops other units each
    time. It learns `½ (CE₁ + CE₂) + α/4 (KL(p₁‖p₂) + KL(p₂‖p₁))`, half of equation 4 of R-Drop
    (Liang et al. 2021): what it says shall not hang on what is dropped. A step takes twice the
    time. The model computes it (`Seq2Seq.compute_loss`); evaluation reads once.

    Args:
        label_smoothing: float `ε` in `[0, 1)`.
        r_drop: float `α`, 0 or above; 5 is usual for translation.

    Call arguments:
        y_true: int tensor `(B, T)`, or `(B,)` for one answer a row.
        y_pred: float logits `(B, T, V)`, or `(B, V)`.
        sample_weight: float tensor, like `y_true`.

    Raises:
        ValueError: for a smoothing outside `[0, 1)`, or an `r_drop` below 0.
    """

    def __init__(
        self,
        label_smoothing=0.0,
        name="sequence_crossentropy",
        reduction="mean_with_sample_weight",
        dtype=None,
        r_drop=0.0,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype or wide_float())
        if not is_number(label_smoothing) or not 0 <= label_smoothing < 1:
            raise ValueError(
                f"Expected label_smoothing in [0, 1); received {label_smoothing}. 0.1 is usual."
            )
        if not is_number(r_drop) or r_drop < 0:
            raise ValueError(
                f"Expected r_drop of 0 or above; received {r_drop}. 5 is usual for translation."
            )
        self.label_smoothing = label_smoothing
        self.r_drop = r_drop

    def call(self, y_true, y_pred):
        nll = negative_log_likelihood(y_true, y_pred)
        if not self.label_smoothing:
            return nll
        # -mean_v log p(v) = logsumexp(z) - mean(z)
        uniform = ops.logsumexp(y_pred, axis=-1) - ops.mean(y_pred, axis=-1)
        return (1 - self.label_smoothing) * nll + self.label_smoothing * uniform

    def divergence(self, first, second, sample_weight=None):
        """How far two predictions of the same tokens are apart, in nats.

        Args:
            first, second: float logits `(B, T, V)`.
            sample_weight: float `(B, T)`, as of a call.

        Returns:
            float scalar, the mean over real tokens of `½ (KL(p₁‖p₂) + KL(p₂‖p₁))`.
        """
        first, second = (ops.cast(each, self.dtype) for each in (first, second))
        logs = ops.log_softmax(first) - ops.log_softmax(second)
        apart = ops.sum((ops.softmax(first) - ops.softmax(second)) * logs, axis=-1) / 2  # (B, T)
        if sample_weight is None:
            return ops.mean(apart)
        weights = ops.cast(sample_weight, apart.dtype)
        return ops.divide_no_nan(ops.sum(apart * weights), ops.sum(weights))

    def get_config(self):
        return super().get_config() | {
            "label_smoothing": self.label_smoothing,
            "r_drop": self.r_drop,
        }
