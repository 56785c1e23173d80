"""Keras' activations by name, and the approximate GELU, which has no name there."""

import keras


@keras.saving.register_keras_serializable("kerasseq")
def gelu_tanh(x):
    """`x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))` (Hendrycks and Gimpel 2016, section 2).

    Hugging Face calls it gelu_new, gelu_fast, gelu_pytorch_tanh, gelu_python_tanh or
    gelu_accurate.
    """
    return keras.activations.gelu(x, approximate=True)


def get(activation):
    """The function of a name, "gelu_tanh" or one of Keras'; a function stays one."""
    return gelu_tanh if activation == gelu_tanh.__name__ else keras.activations.get(activation)


def serialize(activation):
    """What `get` makes the function of again."""
    name = getattr(activation, "__name__", None)
    if isinstance(name, str) and _is_named(name, activation):
        return name  # Keras would import TensorFlow to say so, whatever the backend
    return keras.activations.serialize(activation)


def _is_named(name, activation):
    try:
        return get(name) is activation
    except ValueError:
        return False
