"""The base class of models that add output layers to a text encoder."""

from kerasseq.models.get import describe, deserialize
from kerasseq.models.model import Model


class EncoderHead(Model):
    """A text encoder and layers that turn its vectors into logits.

    A subclass creates and builds its layers, and ends its constructor with `self.built = True`.

    Args:
        encoder: `BertEncoder`, `RecurrentTextEncoder`, `HubEncoder`, or another model with an
            `output_dim` `D` that turns a dict of `tokens`, int tensor `(B, S)` padded with 0, into
            vectors `(B, S, D)` and a mask `(B, S)`.

    Raises:
        ValueError: for an encoder without `output_dim`.
    """

    def __init__(self, encoder, **kwargs):
        if not hasattr(encoder, "output_dim"):
            raise ValueError(
                "Expected a text encoder of kerasseq.models, such as a BertEncoder; received a "
                f"{type(encoder).__name__}. Put a backbone of KerasHub into a task: "
                'TextClassifier.from_keras_hub(backbone, tokenizer=…, labels=…, head="new").'
            )
        super().__init__(**kwargs)
        self.encoder = encoder

    @property
    def longest(self):
        return {"tokens": getattr(self.encoder, "max_length", None)}

    def get_config(self):
        return super().get_config() | {"encoder": describe(self.encoder)}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        return cls(deserialize(config.pop("encoder")), **config)
