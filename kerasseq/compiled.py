"""A function of a model, made fast once per shape, under whichever backend runs."""

import contextlib

from kerasseq.lazily import keras


def compiled(function, model):
    """Compiles `function(*tensors)`, which may read the weights of `model`.

    PyTorch runs it as it is, without keeping what a gradient would need.

    Args:
        function: from tensors (or nested dicts of them) to tensors.
        model: keras.Model, whose current weights are used at every call.

    Returns:
        a function with the same arguments.

    Raises:
        ValueError: under a backend that is none of TensorFlow, JAX and PyTorch.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        # Without AutoGraph, which would wrap every error in the text of a traceback.
        graph = tf.function(function, reduce_retracing=True, autograph=False)

        def run(*tensors):
            # Traced for batches of any size, and ids of any length, from the first one on.
            graph.get_concrete_function(*tf.nest.map_structure(_any_size, tensors))
            return graph(*tensors)

        return run
    if backend == "jax":
        import jax

        @jax.jit
        def pure(values, *tensors):
            pairs = zip(model.variables, values, strict=True)
            with keras.StatelessScope(state_mapping=list(pairs)):
                return function(*tensors)

        return lambda *tensors: pure([variable.value for variable in model.variables], *tensors)
    if backend == "torch":
        import torch

        return torch.no_grad()(function)
    raise ValueError(
        f"Expected the backend tensorflow, jax or torch; received {backend!r}. Set KERAS_BACKEND "
        "to one of them before Keras is imported."
    )


def _any_size(tensor):
    """The tf.TensorSpec of tensors like one `(B, …)`, of ids `(B, S)` of any `S` too."""
    import tensorflow as tf

    dtype = tf.as_dtype(tensor.dtype)
    ids = dtype.is_integer and len(tensor.shape) == 2
    shape = [None if ids or axis == 0 else size for axis, size in enumerate(tensor.shape)]
    return tf.TensorSpec(shape, dtype)


def step_by_step():
    """A context in which loops run in Python, a step at a time, and values can be read."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.disable_jit()
    return contextlib.nullcontext()


def deterministic():
    """Makes the backend choose operations that give the same bits each time, from now on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.use_deterministic_algorithms(True)
