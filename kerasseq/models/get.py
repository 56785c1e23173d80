"""A model by name and configuration."""

from kerasseq import models

MODELS = (
    "AttentionSeq2Seq",
    "BertEncoder",
    "Ensemble",
    "ImageCaptioner",
    "MaskedLanguageModel",
    "RecurrentForecaster",
    "RecurrentSeq2Seq",
    "RecurrentTextEncoder",
    "SequenceClassifier",
    "SequenceTagger",
    "SpanClassifier",
    "Transformer",
)


def get(description):
    """Builds a new model.

    Args:
        description: dict of `class_name`, one of this package's models, and `config`.

    Returns:
        keras.Model, with new weights, in float32 and trainable unless `config` says otherwise.

    Raises:
        ValueError: for another class.
    """
    name, config = description["class_name"], description["config"]
    if name not in MODELS:
        raise ValueError(f"Expected a model of {', '.join(MODELS)}; received {name!r}. Choose one.")
    config = {"dtype": "float32"} | config
    frozen = not config.pop("trainable", True)
    model = getattr(models, name).from_config(config)
    if frozen:  # its layers too, which the argument does not reach
        model.trainable = False
    return model


def serialize(model):
    """A model's kind and arguments as a dict that `get` reads.

    Name and precision, and what is frozen, stay out, of the models inside it too.
    """
    return _bare(describe(model))


def describe(model):
    """The same with precision and `trainable`, for a model that Keras saves."""
    config = model.get_config()
    config.pop("name", None)
    return {"class_name": type(model).__name__, "config": config}


def _bare(description):
    config = dict(description["config"])
    for key in ("trainable", "dtype"):
        config.pop(key, None)
    if "encoder" in config:
        config["encoder"] = _bare(config["encoder"])
    if "members" in config:
        config["members"] = [_bare(each) for each in config["members"]]
    return description | {"config": config}
