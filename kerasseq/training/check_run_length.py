"""A check that a run has as many steps as its learning-rate schedule."""

import keras

from kerasseq.training.linear_warmup_decay import LinearWarmupDecay


class CheckRunLength(keras.callbacks.Callback):
    """Refuses a run that is longer or shorter than its `LinearWarmupDecay`.

    The schedule is given a number of steps; only `fit` knows the real one. A number of examples
    in place of steps, for instance, would keep the rate from its peak. A data set of unknown
    size is not checked.

    Raises:
        ValueError: before the first step, with both numbers.
    """

    def on_train_begin(self, logs=None):
        schedule = self.model.optimizer._learning_rate
        if not isinstance(schedule, LinearWarmupDecay) or self.params["steps"] is None:
            return
        steps = self.params["steps"] * self.params["epochs"] // schedule.accumulation_steps
        if steps != schedule.steps:
            raise ValueError(
                f"Expected a run of {schedule.steps} optimizer steps, as its learning rate is "
                f"planned; received {steps}: {self.params['epochs']} epochs of "
                f"{self.params['steps']} batches. Give the optimizer steps={steps}."
            )
