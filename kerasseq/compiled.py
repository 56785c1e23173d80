"""Compiling a function of a model once per shape, under whichever backend runs."""

import contextlib

import keras


def compiled(function, model):
    """Compiles `function(*tensors)`, which may read the weights of `model`.

    Args:
        function: from tensors (or nested dicts of them) to tensors.
        model: keras.Model, whose current weights are used at every call.

    Returns:
        a function with the same arguments.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # Without AutoGraph, which would wrap every error in the text of a traceback.
        return tf.function(function, reduce_retracing=True, autograph=False)
    import jax

    @jax.jit
    def pure(values, *tensors):
        pairs = zip(model.variables, values, strict=True)
        with keras.StatelessScope(state_mapping=list(pairs)):
            return function(*tensors)

    return lambda *tensors: pure([variable.value for variable in model.variables], *tensors)


def step_by_step():
    """A context in which loops run in Python, a step at a time, and values can be read."""
    if keras.backend.backend() == "tensorflow":
        return contextlib.nullcontext()
    import jax

    return jax.disable_jit()


def deterministic():
    """Makes the backend choose operations that give the same bits each time, from now on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.use_deterministic_algorithms(True)
