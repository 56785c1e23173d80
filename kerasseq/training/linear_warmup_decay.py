"""The learning-rate schedule of fine-tuning."""

import keras
from keras import ops

from kerasseq.text.checks import check_number


# The class's former name, under which earlier versions saved it.
@keras.saving.register_keras_serializable("kerasseq", name="LinearDecay")
class LinearWarmupDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up to a peak, then linear decay to zero (Devlin et al. 2019, appendix A.2).

    Args:
        peak: float, the rate at step `warmup_steps`.
        steps: int, the optimizer steps of the whole run: batches an epoch times epochs. The
            callback `CheckRunLength` compares them with the run's.
        warmup_steps: int, in optimizer steps, not examples.
        accumulation_steps: int, batches a step of the optimizer: Keras asks for the rate of each
            batch.

    Raises:
        ValueError: when the warm-up does not end within the run.
    """

    def __init__(self, peak, steps, warmup_steps=0, accumulation_steps=1):
        if not 0 <= warmup_steps < steps:
            raise ValueError(
                f"Expected warmup_steps below the {steps} optimizer steps of the run; received "
                f"{warmup_steps}. Count batches, not examples: a tenth of the steps is usual."
            )
        check_number("peak", peak)
        self.peak = peak
        self.steps = steps
        self.warmup_steps = warmup_steps
        self.accumulation_steps = accumulation_steps

    def __call__(self, step):
        step = ops.floor(ops.cast(step, "float32") / self.accumulation_steps)
        rising = (step + 1) / max(self.warmup_steps, 1)
        falling = (self.steps - step) / (self.steps - self.warmup_steps)
        return self.peak * ops.maximum(ops.minimum(ops.minimum(rising, falling), 1.0), 0.0)

    def get_config(self):
        return {
            "peak": self.peak,
            "steps": self.steps,
            "warmup_steps": self.warmup_steps,
            "accumulation_steps": self.accumulation_steps,
        }
