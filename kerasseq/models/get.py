"""A model as a dict, and back."""

import math

import keras

from kerasseq import models
from kerasseq.models.bounded import check_description, within

MODELS = (
    "AttentionSeq2Seq",
    "BertEncoder",
    "Ensemble",
    "HubEncoder",
    "HubSeq2Seq",
    "ImageCaptioner",
    "MaskedLanguageModel",
    "ModernBertEncoder",
    "RecurrentForecaster",
    "RecurrentSeq2Seq",
    "RecurrentTextEncoder",
    "SentenceEncoder",
    "SequenceClassifier",
    "SequenceTagger",
    "SpanClassifier",
    "Transformer",
)


def get(identifier):
    """Finds a model: a keras.Model is returned as it is, a dict is given to `deserialize`."""
    return identifier if isinstance(identifier, keras.Model) else deserialize(identifier)


def deserialize(description, shapes=None):
    """Builds a new model from the dict that `serialize` returned.

    Args:
        description: dict of `class_name`, one of this package's models, and `config`.
        shapes: dict of tuples by name, of the arrays that its weights will be set to: a model that
            needs more is refused before it is made. None for a description of one's own.

    Returns:
        keras.Model, with new weights, in float32 and trainable unless `config` says otherwise.

    Raises:
        ValueError: for another class, an object of another package in it, or sizes beyond
            `shapes`.
    """
    if shapes is not None:
        numbers = sum(math.prod(shape) for shape in shapes.values())
        check_description(description, numbers)
        with within(len(shapes), numbers):
            return deserialize(description)
    name = description.get("class_name") if isinstance(description, dict) else description
    if name not in MODELS:
        raise ValueError(
            f"Expected a model of {', '.join(MODELS)}; received {name!r:.80}. Choose one."
        )
    config = description["config"]
    config = {"dtype": "float32"} | config
    frozen = not config.pop("trainable", True)
    model = getattr(models, name).from_config(config)
    if frozen:  # its layers too, which the argument does not reach
        model.trainable = False
    return model


def serialize(model):
    """A model's class and arguments as a dict that `deserialize` reads.

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
