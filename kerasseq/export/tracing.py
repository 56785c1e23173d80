"""The functions of a model as graphs that run anywhere."""

from __future__ import annotations

import typing
from collections.abc import Callable

import tensorflow as tf

if typing.TYPE_CHECKING:
    import keras


def traced(
    model: keras.Model,
    function: Callable[..., typing.Any],
    *specs: tf.TensorSpec,
    **named: tf.TensorSpec,
) -> typing.Any:
    """The concrete function of tensors as specified, a function that reads a model's weights."""
    # The cuDNN kernels exist only where a GPU is.
    for layer in model._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False
    # AutoGraph would find nothing to convert.
    return tf.function(function, autograph=False).get_concrete_function(*specs, **named)
