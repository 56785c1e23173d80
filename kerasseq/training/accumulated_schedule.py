"""A learning rate by the steps of an optimizer that accumulates gradients."""

import keras


@keras.saving.register_keras_serializable("kerasseq")
class AccumulatedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that counts the steps of the optimizer: Keras asks for the rate of each batch.

    Args:
        schedule: keras.optimizers.schedules.LearningRateSchedule, of the optimizer's steps.
        accumulation_steps: int, batches a step.
    """

    def __init__(self, schedule, accumulation_steps):
        self.schedule = schedule
        self.accumulation_steps = accumulation_steps

    def __call__(self, step):
        return self.schedule(step // self.accumulation_steps)

    def get_config(self):
        return {
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "accumulation_steps": self.accumulation_steps,
        }

    @classmethod
    def from_config(cls, config):
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, config["accumulation_steps"])
