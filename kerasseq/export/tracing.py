"""The functions of a model as graphs that run anywhere."""

import tensorflow as tf


def traced(model, function, *specs, **named):
    """The concrete function of tensors as specified, a function that reads a model's weights."""
    # The cuDNN kernels exist only where a GPU is.
    for layer in model._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False
    # AutoGraph would find nothing to convert.
    return tf.function(function, autograph=False).get_concrete_function(*specs, **named)
