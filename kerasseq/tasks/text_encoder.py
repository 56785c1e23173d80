"""The text encoder: a vector for every text, to compare and to search with."""

from __future__ import annotations

import typing
from collections.abc import Iterable

import numpy as np

from kerasseq import pretrained
from kerasseq.processing import Vectors
from kerasseq.processing.vectors import Vector
from kerasseq.tasks.encoder_task import EncoderTask

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.models.sentence_encoder import SentenceEncoder
    from kerasseq.pretrained.heads import Pretrained
    from kerasseq.pretrained.hub_heads import HubReader
    from kerasseq.processing.processor import Processor
    from kerasseq.tensors import Tensor
    from kerasseq.text.tokenizer import Tokenizer


class TextEncoder(EncoderTask[str, str, np.ndarray, Vector]):
    """Turns texts into vectors, those of like texts close to each other.

    Args:
        model: SentenceEncoder.
        tokenizer: Tokenizer.
        max_length: int, the most tokens read of a text; a longer one is cut, and a warning says
            so.
        examples: list of str, held out, with which an export is checked.

    Call arguments:
        inputs: str; or a list or an iterator of str.

    Returns:
        float32 array `(D,)` for each text. A list for a list.

    Raises:
        ValueError: for parts that do not fit together.
    """

    processing: type[Processor] = Vectors
    head: str = "SentenceEncoder"
    usual_length = 256

    def __init__(
        self,
        model: SentenceEncoder,
        tokenizer: Tokenizer,
        max_length: int = 256,
        *,
        examples: Iterable[str] = (),
    ) -> None:
        super().__init__(model, Vectors(tokenizer, max_length), examples)

    @classmethod
    def from_hugging_face(
        cls,
        path: AnyPath,
        pooling: typing.Literal["mean", "first", "max"] | None = None,
        normalize: bool | None = None,
        *,
        max_length: int | None = None,
        dtype: str | None = None,
    ) -> typing.Self:
        """A text encoder on an encoder in Hugging Face's layout: a BERT, DistilBERT, RoBERTa,
        XLM-R, CamemBERT, MPNet, ELECTRA, ALBERT or ModernBERT.

        A folder of the library sentence-transformers says itself how vectors are pooled, whether
        they are normalised, and how much is read of a text.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            pooling: "mean", "first" or "max"; by default the folder's own.
            normalize: bool, scale vectors to length 1; by default the folder's own.
            max_length: int, the most tokens read; by default the folder's own, else 256 or the
                encoder's positions.
            dtype: precision policy.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a folder that does not say how to pool when `pooling` is not given,
                or anything that is not supported, by its name.
        """
        found, length = pretrained.read_text_encoder(path, pooling, normalize, dtype)
        return cls(found.model, found.tokenizer, max_length or length)

    @classmethod
    def read_keras_hub(cls, reader: HubReader, options: dict[str, typing.Any]) -> Pretrained:
        pooling, normalize = options.pop("pooling", "mean"), options.pop("normalize", True)
        return pretrained.read_hub_text_encoder(reader, pooling, normalize)

    def probabilities_of(self, logits: Tensor) -> Tensor:
        """The vectors themselves."""
        return logits

    def fit(self, *args: typing.Any, **options: typing.Any) -> typing.NoReturn:
        """Not offered: there are no labels to learn. Fine-tune a classifier on the encoder."""
        raise ValueError(
            "Expected a task with labels to fit; received a TextEncoder. Put another head on its "
            "model.encoder, or give its model a loss of your own."
        )
