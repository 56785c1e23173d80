"""A model by name and configuration."""

from kerasseq import models

MODELS = (
    "AttentionSeq2Seq",
    "BertEncoder",
    "Ensemble",
    "Forecaster",
    "ImageCaptioner",
    "MaskedLanguageModel",
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
        keras.Model, with new weights, in float32 unless `config` says otherwise.

    Raises:
        ValueError: for another class.
    """
    name, config = description["class_name"], description["config"]
    if name not in MODELS:
        raise ValueError(f"Expected a model of {', '.join(MODELS)}; received {name!r}. Choose one.")
    return getattr(models, name).from_config({"dtype": "float32"} | config)


def serialize(model):
    """A model's kind and arguments as a dict that `get` reads; name and precision stay out."""
    config = model.get_config()
    for key in ("name", "trainable", "dtype"):
        config.pop(key, None)
    return {"class_name": type(model).__name__, "config": config}
