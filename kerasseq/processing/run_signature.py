"""Running a signature of a SavedModel: arrays in, and arrays or one sentence out."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping

if typing.TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

ASSERTED = re.compile(r"assertion failed: \[(Expected [^\]]+)\]")  # a sentence of the export's own
FAILED = re.compile(r"^(.*)\n\s*\[\[\{\{node ", re.MULTILINE)  # an operation's, before its node


def run_signature(
    function: Callable[..., dict[str, tf.Tensor]], inputs: Mapping[str, typing.Any]
) -> dict[str, np.ndarray]:
    """What a signature answers.

    Args:
        function: signature of a SavedModel that was loaded.
        inputs: dict from the names of its inputs to arrays, or what `tf.constant` takes.

    Returns:
        dict of arrays by name.

    Raises:
        ValueError: for another shape, or values that the model does not read: in the graph's own
            sentence, where it has one.
    """
    import tensorflow as tf

    given = {name: tf.constant(each) for name, each in inputs.items()}
    check_shapes(function, given)
    try:
        outputs = function(**given)
    except tf.errors.InvalidArgumentError as error:
        if said := ASSERTED.search(error.message):
            raise ValueError(said[1]) from error
        failed = FAILED.search(error.message)
        reason = failed[1] if failed else error.message.strip().split("\n")[0]
        raise ValueError(
            f"Expected values that the model can read; received others ({reason.strip():.200}). "
            "Change them."
        ) from error
    return {name: tensor.numpy() for name, tensor in outputs.items()}


def check_shapes(
    function: Callable[..., dict[str, tf.Tensor]], tensors: Mapping[str, tf.Tensor]
) -> None:
    """Refuses tensors whose shapes are not those of a signature's inputs."""
    specs = typing.cast(typing.Any, function).structured_input_signature[1]
    for name, tensor in tensors.items():
        if not specs[name].shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"Expected {name} of shape {specs[name].shape.as_list()}; received "
                f"{tensor.shape.as_list()}. Change its nesting."
            )
