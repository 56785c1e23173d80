"""What the models on top of a text encoder have in common."""

import keras

from kerasseq.models.get import describe, get


class EncoderHead(keras.Model):
    """A text encoder and the layers that make logits of its vectors.

    A subclass makes its layers, built, and ends its constructor with `self.built = True`.

    Args:
        encoder: model from a dict of `tokens`, int tensor `(B, S)` padded with 0, to vectors
            `(B, S, D)` and mask `(B, S)`, with an `output_dim` `D`: `BertEncoder`,
            `RecurrentTextEncoder`.
    """

    def __init__(self, encoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        # As in Seq2Seq: compiling each new shape with XLA takes longer than it saves.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    def get_config(self):
        return super().get_config() | {"encoder": describe(self.encoder)}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        return cls(get(config.pop("encoder")), **config)
