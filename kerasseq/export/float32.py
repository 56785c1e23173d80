"""Every export computes in float32 with weights of one piece, however its model was trained."""

from __future__ import annotations

import tempfile
import typing

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.processing.exportable import Exportable


def task_in_float32(task: Exportable) -> Exportable:
    """The task itself if its model computes in float32 without LoRA, else one as a save and a
    load make it."""
    as_it_is = computes_in_float32(task.model) and not is_adapted(task.model)
    return task if as_it_is else copy_of(task)


def copy_of(task: Exportable) -> Exportable:
    """The task that a save and a load make."""
    with tempfile.TemporaryDirectory() as folder:
        task.save(folder)
        return type(task).load(folder)


def computes_in_float32(model: keras.Model) -> bool:
    """Whether every layer does: an ensemble's own precision is not its members'."""
    return all(layer.compute_dtype == "float32" for layer in model._flatten_layers())


def is_adapted(model: keras.Model) -> bool:
    """Whether LoRA's matrices stand beside some weights; a save merges them."""
    return any(getattr(layer, "lora_enabled", False) for layer in model._flatten_layers())
