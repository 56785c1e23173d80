"""The functions of a model as graphs that run anywhere."""

import tensorflow as tf


def use_portable_kernels(model):
    """Turns the cuDNN kernels off: they exist only where a GPU is."""
    for layer in model._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False


def traced(function, *specs, **named):
    """The concrete function of tensors as specified; AutoGraph has nothing to convert in it."""
    return tf.function(function, autograph=False).get_concrete_function(*specs, **named)
