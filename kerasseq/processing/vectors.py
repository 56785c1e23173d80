"""Texts, or pairs of texts, to vectors."""

import typing

import numpy as np

from kerasseq.processing.packing import row_of_text, rows_of_texts
from kerasseq.processing.processor import ArrayProcessor, strings


class Vector(typing.NamedTuple):
    """What a text is to an encoder.

    Attributes:
        values: float32 array `(D,)`.
    """

    values: np.ndarray


class Vectors(ArrayProcessor):
    """Texts to an encoder's rows, and its outputs to vectors.

    Args:
        tokenizer: Tokenizer.
        max_length: int, the most tokens read of a text; a longer one is cut.
    """

    name = "text_encoder"
    settings: typing.ClassVar = {"max_length": int}
    output = "vector"

    def __init__(self, tokenizer, max_length=256):
        self.tokenizer = tokenizer
        self.max_length = max_length

    def rows(self, given):
        return [row_of_text(self.tokenizer, given, self.max_length)]

    def rows_graph(self, texts):
        """The same for strings `(B,)`: int32 ids `(B, S)`, padded with 0."""
        return rows_of_texts(self.tokenizer, texts, self.max_length)

    def read(self, given, rows, outputs):
        return [Vector(outputs[0]["outputs"])]

    def signatures(self, task):
        """`serving_default`: `text`, a batch of `B` UTF-8 strings, to `vector` `(B, D)`."""

        def encode(text):
            return {"vector": task.outputs({"tokens": self.rows_graph(text)})["outputs"]}

        return {"serving_default": (encode, strings("text"))}
