"""Every export computes in float32, whatever its model was trained in."""

import tempfile

from kerasseq import models


def task_in_float32(task):
    """The task itself if its model computes in float32, else one as a save and a load make it."""
    if computes_in_float32(task.model):
        return task
    with tempfile.TemporaryDirectory() as folder:
        task.save(folder)
        return type(task).load(folder)


def model_in_float32(model):
    """The model itself if it computes in float32, else one with the same weights that does."""
    if computes_in_float32(model):
        return model
    again = models.get(models.serialize(model))
    again.set_weights([weight.astype("float32") for weight in model.get_weights()])
    return again


def computes_in_float32(model):
    """Whether every layer does: an ensemble's own precision is not its members'."""
    return all(layer.compute_dtype == "float32" for layer in model._flatten_layers())
