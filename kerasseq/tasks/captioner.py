"""The captioner: a model that sees, a tokenizer and a search."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Callable, Iterable, Iterator

from kerasseq.lazily import keras
from kerasseq.metrics import corpus_scores
from kerasseq.processing import Captions
from kerasseq.processing.captions import Caption
from kerasseq.processing.images import Image
from kerasseq.tasks.matching import check_vocabularies
from kerasseq.tasks.writing_task import WritingTask

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasseq.data.captioned_images import CaptionedImages
    from kerasseq.data.prefetch import Batches
    from kerasseq.decoding.search import Search
    from kerasseq.files import AnyPath
    from kerasseq.models.image_captioner import ImageCaptioner
    from kerasseq.processing.processor import Processor
    from kerasseq.text.tokenizer import Tokenizer


class Captioner(WritingTask[Image, Image, str, Caption]):
    """Says what images show, with a trained model.

    Args:
        model: ImageCaptioner.
        tokenizer: Tokenizer of the captions.
        search: Search, or its name.
        max_length: int, the most tokens of a caption.
        examples: list of paths of images, held out, with which an export is checked.

    Call arguments:
        inputs: an image (path, bytes of an image file, or uint8 array `(H, W, 3)`), or a list
            of images.

    Returns:
        a str for one image, a list of str for a list.
    """

    processing: type[Processor] = Captions
    head: str = "ImageCaptioner"
    corpus: str | None = "CaptionedImages"

    def __init__(
        self,
        model: ImageCaptioner,
        tokenizer: Tokenizer,
        search: Search | str = "beam",
        max_length: int = 40,
        *,
        examples: Iterable[Image] = (),
    ) -> None:
        check_vocabularies(model, target=tokenizer)
        processor = Captions(tokenizer, model.config["image_size"], max_length, model.grid[:2])
        super().__init__(model, processor, search, map(_path, examples))

    @property
    def tokenizer(self) -> Tokenizer:
        """Tokenizer of the captions."""
        return self.processor.tokenizer

    def batches(
        self,
        corpus: CaptionedImages,
        *,
        batch_size: int | None = None,
        tokens_per_batch: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
        augment: bool = False,
    ) -> Batches:
        """Batches of images and captions; see `CaptionedImages.batches`.

        Args:
            corpus: CaptionedImages.
            batch_size: int; 32 where it is not given.
            tokens_per_batch: None: images are counted.
            shuffle: bool.
            seed: int.
            augment: bool, another view of each image every epoch.
        """
        self.check_corpus(corpus)
        if tokens_per_batch is not None:
            raise ValueError(
                f"Expected batch_size, a number of images; received tokens_per_batch="
                f"{tokens_per_batch}. Give batch_size=32."
            )
        return corpus.batches(
            self.tokenizer,
            32 if batch_size is None else batch_size,
            self.processor.image_size,
            max_length=self.max_length,
            shuffle=shuffle,
            seed=seed,
            augment=augment,
        )

    def scores(
        self, corpus: CaptionedImages, tokenize: str = "13a", lowercase: bool = False
    ) -> dict[str, typing.Any]:
        """`kerasseq.metrics.corpus_scores` of the captions of CaptionedImages: BLEU and its like.

        Args:
            corpus: CaptionedImages.
            tokenize: sacreBLEU's tokenizer.
            lowercase: bool, compare without case.
        """
        self.check_corpus(corpus)
        return corpus_scores(self(corpus.paths), list(corpus.captions()), tokenize, lowercase)

    def hold_out(
        self, corpus: CaptionedImages, share: float, seed: int = 0
    ) -> tuple[CaptionedImages, CaptionedImages]:
        """Two parts by the names of the images; see `CaptionedImages.split`."""
        train, held_out = corpus.split([share])
        return train, held_out

    def caption(
        self,
        images: Iterable[Image],
        search: Search | str | None = None,
        *,
        batch_size: int = 32,
        progress: Callable[[int], object] | None = None,
    ) -> Iterator[list[Caption]]:
        """Captions images and yields all that the search returns, in order.

        Args:
            images: iterable of images, as above.
            search: Search or name; the captioner's own by default.
            batch_size: int, images decoded at once.
            progress: function called with the number of images done since the last call.

        Returns:
            iterator over a list of Caption for each image, best first.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a file or bytes that are no image, or an array of another shape.
        """
        return self.answers(images, search=search, batch_size=batch_size, progress=progress)

    def source_spec(self) -> keras.KerasTensor:
        return keras.KerasTensor((1, *self.processor.image_size, 3), "uint8")

    def plot_attention(self, image: Image, path: AnyPath | None = None) -> Figure:
        """Draws where each word looked; see `kerasseq.plots.attention_over_image`."""
        from kerasseq.plots import attention_over_image

        found = self.attention(image)
        array = self.processor.clean(image)
        return attention_over_image(array, found.tokens, found.attention, path)


def _path(image):
    """An example as JSON holds it: a path is a str."""
    return str(image) if isinstance(image, pathlib.PurePath) else image
