"""Texts, or pairs of texts, to vectors."""

from __future__ import annotations

import typing
from collections.abc import Callable

import numpy as np

from kerasseq.processing.packing import row_of_text, rows_of_texts
from kerasseq.processing.processor import ArrayProcessor, Settings, strings, was_cut

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.processing.processor import Row
    from kerasseq.text.tokenizer import Tokenizer


class Vector(typing.NamedTuple):
    """What a text is to an encoder.

    Attributes:
        values: float32 array `(D,)`.
        truncated: bool, whether the text was longer than what is read of it.
    """

    values: np.ndarray
    truncated: bool = False


class Vectors(ArrayProcessor):
    """Texts to an encoder's rows, and its outputs to vectors.

    Args:
        tokenizer: Tokenizer.
        max_length: int, the most tokens read of a text; a longer one is cut.
    """

    name = "text_encoder"
    settings: typing.ClassVar[Settings] = {"max_length": int}
    output: str = "vector"

    def __init__(self, tokenizer: Tokenizer, max_length: int = 256) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length

    def rows(self, given: typing.Any) -> list[Row]:
        return [row_of_text(self.tokenizer, given, self.max_length)]

    def rows_graph(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The same for strings `(B,)`: int32 ids `(B, S)`, padded with 0, and how many tokens of
        each were cut, `(B,)`."""
        return rows_of_texts(self.tokenizer, texts, self.max_length)

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Vector]:
        return [Vector(outputs[0]["outputs"], was_cut(rows))]

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """`serving_default`: `text`, a batch of `B` UTF-8 strings, to `vector` `(B, D)` and
        `truncated` `(B,)`."""

        def encode(text):
            ids, cut = self.rows_graph(text)
            return {"vector": task.outputs({"tokens": ids})["outputs"], "truncated": cut > 0}

        return {"serving_default": (encode, strings("text"))}
