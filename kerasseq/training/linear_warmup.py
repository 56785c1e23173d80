"""A warm-up before any learning rate."""

import keras
from keras import ops

from kerasseq.text.checks import check_number, is_number


@keras.saving.register_keras_serializable("kerasseq")
class LinearWarmup(keras.optimizers.schedules.LearningRateSchedule):
    """Another learning rate, times `(t + 1) / w` in the steps `t` below `w`.

    Goyal et al. 2017 (section 2.2) call it gradual.

    Args:
        rate: float, or a schedule, which counts the steps of the warm-up too.
        warmup_steps: int `w`, in optimizer steps.

    Raises:
        ValueError: for `warmup_steps` below 1.
    """

    def __init__(self, rate, warmup_steps):
        if not is_number(warmup_steps) or warmup_steps < 1:
            raise ValueError(
                f"Expected warmup_steps of at least 1 step; received {warmup_steps}. Give the rate "
                "itself for no warm-up."
            )
        if not callable(rate):
            check_number("rate", rate)
        self.rate = rate
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        rate = self.rate(step) if callable(self.rate) else self.rate
        rising = (ops.cast(step, "float32") + 1) / self.warmup_steps
        return rate * ops.minimum(rising, 1.0)

    def get_config(self):
        rate = self.rate
        if callable(rate):
            rate = keras.optimizers.schedules.serialize(rate)
        return {"rate": rate, "warmup_steps": self.warmup_steps}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if isinstance(config["rate"], dict):
            config["rate"] = keras.optimizers.schedules.deserialize(config["rate"])
        return cls(**config)
