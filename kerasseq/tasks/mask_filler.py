"""The mask filler: a pretrained encoder and what it expects behind a mask."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

from kerasseq import pretrained
from kerasseq.processing import Masks
from kerasseq.processing.labels import Label
from kerasseq.tasks.encoder_task import EncoderTask

if typing.TYPE_CHECKING:
    from kerasseq.data.masked_text import MaskedText
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.models.masked_language_model import MaskedLanguageModel
    from kerasseq.pretrained.heads import Pretrained
    from kerasseq.pretrained.hub_heads import HubReader
    from kerasseq.processing.processor import Processor
    from kerasseq.text.wordpiece_tokenizer import Tokenizer


class MaskFiller(EncoderTask[str, str, list[list[Label]], list[Label]]):
    """Says what stands behind the masks of a text.

    Its `model.encoder` and `tokenizer` are what a classifier is fine-tuned from. It learns from
    the batches of `kerasseq.data.MaskedText` with `model.fit`.

    Args:
        model: MaskedLanguageModel.
        tokenizer: Tokenizer.
        max_length: int, the most tokens of a text.
        examples: list of str, held-out texts with masks.

    Call arguments:
        inputs: str with one "[MASK]" or several; or a list or an iterator of such str.
        count: int, how many tokens to name for each.

    Returns:
        for each mask a list of `count` Label, likeliest first. A list of these for a list.

    Raises:
        ValueError: for a text without a mask, or too long; for parts that do not fit together.
    """

    processing: type[Processor] = Masks
    head: str = "MaskedLanguageModel"
    corpus: str | None = "MaskedText"

    def __init__(
        self,
        model: MaskedLanguageModel,
        tokenizer: Tokenizer,
        max_length: int = 128,
        *,
        examples: Iterable[str] = (),
    ) -> None:
        super().__init__(model, Masks(tokenizer, max_length), examples)

    @classmethod
    def from_hugging_face(
        cls,
        path: AnyPath,
        max_length: int = 128,
        *,
        dtype: str | None = None,
        head: typing.Literal["new"] | None = None,
    ) -> typing.Self:
        """A mask filler of an encoder in Hugging Face's layout: a BERT, DistilBERT, RoBERTa,
        XLM-R, CamemBERT, MPNet, ELECTRA, ALBERT or ModernBERT.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            max_length: int, the most tokens of a text.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            head: None for the folder's own head; "new" for an untrained one. What is new is
                printed.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a folder without such a head, or with anything that is not
                supported, by its name.
        """
        found = pretrained.read_mask_filler(path, head, dtype)
        return cls(found.model, found.tokenizer, max_length)

    @classmethod
    def read_keras_hub(cls, reader: HubReader, options: dict[str, typing.Any]) -> Pretrained:
        return pretrained.read_hub_mask_filler(reader)

    def ids(self, given: str) -> list[int]:
        return self.processor.ids(given)

    def batches(
        self, corpus: MaskedText, batch_size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        self.check_corpus(corpus)
        return corpus.batches(batch_size, shuffle=shuffle, seed=seed)

    def answers(
        self, inputs: Iterable[str], *, count: int = 5, **options: typing.Any
    ) -> Iterator[list[list[Label]]]:
        """Yields for each text, in order, a list of `count` Label for each of its masks.

        Args:
            inputs: iterable of str.
            count: int, how many tokens to name.
            **options: `batch_size` and `progress`, see `Task.numbers`.
        """
        readings = self.readings(self.processor.check(inputs), **options)
        return (self.processor.read(*each, count) for each in readings)

    def export(
        self,
        path: AnyPath,
        inputs: Iterable[str] | None = None,
        *,
        quantize: typing.Literal["float16", "int8"] | None = None,
    ) -> typing.NoReturn:
        """Not offered: a MaskFiller is what other tasks are fine-tuned from."""
        raise ValueError(
            f"Expected a task to export; received a MaskFiller for {path}. Save it, or export a "
            "task that was fine-tuned from its encoder."
        )
