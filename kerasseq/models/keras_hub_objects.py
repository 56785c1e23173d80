"""KerasHub's models as descriptions in JSON, and back."""

import keras

PLAIN = (type(None), bool, int, float, str)
LEFT_OUT = ("name", "trainable", "dtype")  # the model around it has them


def describe_backbone(backbone):
    """A backbone's class and arguments, without its precision.

    Args:
        backbone: keras_hub.models.Backbone.

    Returns:
        dict of `class_name` and `config`, a flat dict of numbers, names and None.

    Raises:
        ValueError: for an argument that is none of these, as an activation of one's own is, or
            for weights that are quantised.
    """
    if any(layer.quantization_mode for layer in backbone._flatten_layers()):
        raise ValueError(
            f"Expected a {type(backbone).__name__} of floats; received one that is quantised. "
            "Import it before it is quantised, and quantise at the export."
        )
    config = {name: value for name, value in backbone.get_config().items() if name not in LEFT_OUT}
    description = {"class_name": type(backbone).__name__, "config": config}
    check_plain(description)
    return description


def build_backbone(description, kinds, dtype):
    """A new backbone of a description.

    Nothing but the constructor of one of KerasHub's own classes is called, with plain values.

    Args:
        description: dict of `class_name` and `config`, as `describe_backbone` makes it.
        kinds: the class names that are allowed.
        dtype: keras.DTypePolicy.

    Raises:
        ValueError: for another class, or an argument that is not plain.
        TypeError: for arguments that the class does not have.
    """
    import keras_hub

    check_kind(description.get("class_name"), kinds)
    check_plain(description)
    return getattr(keras_hub.models, description["class_name"])(
        dtype=dtype, **description["config"]
    )


def check_kind(name, kinds):
    """Refuses a class name that is none of `kinds`."""
    if name not in tuple(kinds):
        raise ValueError(
            f"Expected one of KerasHub's {', '.join(kinds)}; received {name!r:.80}. Choose a model "
            "of these."
        )


def check_plain(description):
    """Refuses arguments of a description that are no numbers, names or None."""
    for name, value in description["config"].items():
        if type(value) not in PLAIN or name in LEFT_OUT:
            raise ValueError(
                f"Expected a number or a name for {name!r} of a {description['class_name']}; "
                f"received {value!r:.80}, which is not supported. Choose another model."
            )


def policy_of(given, dtype):
    """The precision of a model around one of KerasHub's: its own, or the one that is asked for.

    Args:
        given: keras.Model of KerasHub, or a description.
        dtype: precision policy, or None.
    """
    return given.dtype_policy if isinstance(given, keras.Model) else keras.dtype_policies.get(dtype)
