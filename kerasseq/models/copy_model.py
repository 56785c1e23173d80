"""A second model with the weights of a first."""

from kerasseq.models.get import describe, deserialize


def copy_model(model, **changes):
    """Makes a new model with the weights of another, and what of it is frozen.

    Args:
        model: keras.Model of this package.
        **changes: settings of the new one that change no weight, such as `dropout` and `dtype`.

    Returns:
        keras.Model, not compiled.

    Raises:
        ValueError: for a setting that the model does not have.
    """
    description = describe(model)
    unknown = next((name for name in changes if name not in description["config"]), None)
    if unknown is not None:
        raise ValueError(
            f"Expected a model with a setting {unknown!r}; received a {type(model).__name__}, "
            "which has none. Leave it out."
        )
    copied = deserialize(description | {"config": description["config"] | changes})
    copied.set_weights(model.get_weights())
    for ours, theirs in zip(model._flatten_layers(), copied._flatten_layers(), strict=True):
        theirs.trainable = ours.trainable
    for ours, theirs in zip(model.weights, copied.weights, strict=True):
        theirs.trainable = ours.trainable
    return copied
