"""Holds a run's length against the one its learning rate is planned for."""

import keras

from kerasseq.training.linear_warmup_decay import LinearWarmupDecay


class CheckRunLength(keras.callbacks.Callback):
    """Refuses a run that is longer or shorter than its `LinearWarmupDecay`.

    A schedule knows only the steps that it was told; `fit` knows those of the run. With steps
    counted in examples, say, the rate would never reach its peak. Batches of unknown number are
    not checked.

    Raises:
        ValueError: before the first step, names both numbers.
    """

    def on_train_begin(self, logs=None):
        schedule = self.model.optimizer._learning_rate
        if not isinstance(schedule, LinearWarmupDecay) or self.params["steps"] is None:
            return
        steps = self.params["steps"] * self.params["epochs"]
        if steps != schedule.steps:
            raise ValueError(
                f"Expected a run of {schedule.steps} optimizer steps, as its learning rate is "
                f"planned; received {steps}: {self.params['epochs']} epochs of "
                f"{self.params['steps']} batches. Give the optimizer steps={steps}."
            )
