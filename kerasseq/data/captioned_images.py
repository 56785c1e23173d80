"""Images on disk, each with a caption."""

from __future__ import annotations

import hashlib
import pathlib
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from kerasseq.data.corpus import Corpus
from kerasseq.data.images import augment_image
from kerasseq.data.length_buckets import bucket_by_length
from kerasseq.data.prefetch import prefetch
from kerasseq.data.row_cells import row_cells
from kerasseq.data.tables import Table
from kerasseq.lazily import tf
from kerasseq.processing.captions import Captions
from kerasseq.processing.images import read_image
from kerasseq.processing.symbols import teacher_forcing
from kerasseq.text.checks import check_lines, check_samples_nothing, read_text
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.text.tokenizer import Tokenizer


def file_name(path: AnyPath) -> str:
    """The name of a file without its folder."""
    return pathlib.Path(path).name


class CaptionedImages(Corpus):
    """Paths of images, each with a caption. Images are read from disk at every use.

    Args:
        paths: list of path.
        captions: list of str.

    Raises:
        ValueError: without an image, or for lists of unequal length.
        FileNotFoundError: for an image that is not there.
    """

    unit = "images"
    headings: tuple[str, ...] = ("image", "caption")

    def __init__(self, paths: Iterable[AnyPath], captions: Iterable[str]) -> None:
        self.paths: list[str] = [str(path) for path in check_lines(paths)]
        self._captions = [normalize(read_text(each)) for each in check_lines(captions)]
        if len(self.paths) != len(self._captions) or not self.paths:
            raise ValueError(
                f"Expected a caption for each of at least one image; received {len(self.paths)} "
                f"images and {len(self._captions)} captions. Align the lists."
            )
        missing = next((path for path in self.paths if not pathlib.Path(path).is_file()), None)
        if missing:
            raise FileNotFoundError(
                f"Expected an image at {missing}; received no such file. Check the folder."
            )

    @classmethod
    def from_tsv(
        cls,
        path: AnyPath,
        folder: AnyPath,
        image_column: str = "image",
        caption_column: str = "caption",
        *,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A tab-separated file without quotes, its columns named in the first row, plain or `.gz`.

        Args:
            path: path of the file.
            folder: path that the file's image names are relative to.
            image_column: str, the column of image names.
            caption_column: str, the column of captions.
            encoding: str.

        Raises:
            FileNotFoundError: for a missing file or image.
            ValueError: for a column that is not there, a row with more or fewer columns than the
                first, or text in another encoding.
        """
        columns = image_column, caption_column
        table = Table(path, "\t", encoding, header=True, quotes=False, columns=columns)
        image, caption = table.places(columns)
        rows = [row for _, row in table.rows(watch=True)]
        return cls(
            [pathlib.Path(folder) / row[image] for row in rows], [row[caption] for row in rows]
        )

    @classmethod
    def from_table(
        cls,
        path: AnyPath,
        image_column: str = "image",
        caption_column: str = "caption",
        *,
        folder: AnyPath | None = None,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A `.csv`, `.tsv`, `.jsonl` or `.parquet` file, a row an image.

        Args:
            path: path of the file.
            image_column: str, the column of the images' paths.
            caption_column: str, the column of captions.
            folder: path that these are relative to; by default the file's own folder.
            encoding: str; Parquet has none.

        Raises:
            FileNotFoundError: for a missing file or image.
            ValueError: for another ending, or as `from_tsv`.
        """
        folder = pathlib.Path(path).parent if folder is None else pathlib.Path(folder)
        rows = [
            row for _, row in row_cells(path, (image_column, caption_column), encoding=encoding)
        ]
        return cls([folder / str(image) for image, _ in rows], [caption for _, caption in rows])

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return zip(self.paths, self._captions, strict=True)

    def captions(self) -> Iterator[str]:
        """Iterates over the captions."""
        return iter(self._captions)

    def split(
        self, shares: Sequence[float], group: Callable[[str], str] = file_name
    ) -> list[typing.Self]:
        """Splits by a hash of each path: an image stays in its part when others are added or moved.

        Args:
            shares: list of float, the share of each part but the first, which takes the rest.
            group: function from a path to a str; images of one group stay in one part. By
                default the file's name, whatever folder it is in.

        Returns:
            list of CaptionedImages, one longer than `shares`.

        Raises:
            ValueError: when a part stays empty.
        """
        bounds = np.cumsum(shares)
        parts = [[] for _ in range(len(shares) + 1)]
        for path, caption in self:
            digest = hashlib.sha256(str(group(path)).encode()).digest()
            place = int.from_bytes(digest[:4], "big") / 2**32
            parts[(1 + int(np.searchsorted(bounds, place, "right"))) % len(parts)].append(
                (path, caption)
            )
        if not all(parts):
            raise ValueError(
                f"Expected images for each of {len(parts)} parts; received {len(self)} images, of "
                f"which one part has none with shares of {', '.join(map(str, shares))}. Add images."
            )
        return [
            type(self)([path for path, _ in part], [caption for _, caption in part])
            for part in parts
        ]

    def batches(
        self,
        tokenizer: Tokenizer,
        batch_size: int,
        image_size: Sequence[int],
        *,
        shuffle: bool = False,
        seed: int = 0,
        augment: bool = False,
        max_length: int = 40,
    ) -> Batches:
        """Decoded images and tokenised captions for `model.fit`.

        Captions are padded to at most eight lengths; longer ones than `max_length` are cut.

        Args:
            tokenizer: Tokenizer.
            batch_size: int.
            image_size: int pair `(H, W)`.
            shuffle: bool, another order every epoch.
            seed: int, of order and augmentation.
            augment: bool, another view of each image every epoch; see `augment_image`.
            max_length: int, the longest caption in tokens, with the end symbol.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `source`, uint8
            `(B, H, W, 3)`, and `target` `(B, T)`, ids beginning with the start symbol; `y`
            `(B, T)`, `target` shifted left; `sample_weight` float32 `(B, T)`.
        """
        check_samples_nothing(tokenizer)
        processor = Captions(tokenizer, image_size, max_length)
        ids = [processor.target_ids(caption) for caption in self._captions]
        data = tf.data.Dataset.from_tensor_slices((self.paths, tf.ragged.constant(ids, tf.int32)))
        if shuffle:
            data = data.shuffle(len(self), seed=seed)

        def load(path, caption):
            return read_image(tf.io.read_file(path), image_size), caption

        data = data.map(load, num_parallel_calls=tf.data.AUTOTUNE)
        if augment:
            seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).batch(2)
            data = tf.data.Dataset.zip(data, seeds).map(
                lambda pair, seed: (augment_image(pair[0], seed), pair[1]),
                num_parallel_calls=tf.data.AUTOTUNE,
            )
        data = bucket_by_length(
            data,
            [len(row) for row in ids],
            lambda image, caption: tf.size(caption),
            batch_size,
            ((*image_size, 3), (None,)),
        )
        return prefetch(
            data.map(lambda images, captions: teacher_forcing(tokenizer, images, captions))
        )
