"""The Transformer's learning-rate schedule."""

import keras
from keras import ops

from kerasseq.text.checks import check_number, is_number


@keras.saving.register_keras_serializable("kerasseq")
class InverseSquareRoot(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up to a peak, then decay with the inverse square root of the step.

    `rate(t) = peak · min(t / w, √(w / t))` for step `t ≥ 1`: Vaswani et al. 2017, eq. 3,
    with the peak named instead of `D^-½ w^-½`.

    Args:
        peak: float, the rate at step `warmup_steps`.
        warmup_steps: int `w`, in optimizer steps.

    Raises:
        ValueError: for `warmup_steps` below 1.
    """

    def __init__(self, peak, warmup_steps):
        if not is_number(warmup_steps) or warmup_steps < 1:
            raise ValueError(
                f"Expected warmup_steps of at least 1 step; received {warmup_steps}. "
                "4000 is usual for a large corpus, a tenth of the run for a small one."
            )
        check_number("peak", peak)
        self.peak = peak
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32") + 1
        return self.peak * ops.minimum(step / self.warmup_steps, ops.sqrt(self.warmup_steps / step))

    def get_config(self):
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}
