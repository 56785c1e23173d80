"""Images to captions."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kerasseq.processing.distinct import distinct, distinct_graph
from kerasseq.processing.images import WHITE, load_image, read_image
from kerasseq.processing.processor import Processor, Settings, strings
from kerasseq.processing.symbols import closed_ids, tokens_graph

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.processing.images import Image
    from kerasseq.text.tokenizer import Tokenizer


class Caption(typing.NamedTuple):
    """One hypothesis.

    Attributes:
        text: str.
        score: float, as the search defines it.
        tokens: list of str, the end symbol last when it was reached.
        attention: float array `(tokens, h, w)` over the cells of the image, or None.
        finished: bool, whether the end symbol was reached within the longest caption.
    """

    text: str
    score: float
    tokens: list[str]
    attention: np.ndarray | None
    finished: bool = True


class Captions(Processor):
    """Images to arrays of one size, and what a search found to captions.

    `distinct` keeps the best of hypotheses that read alike.

    Args:
        tokenizer: Tokenizer of the captions.
        image_size: int pair `(H, W)`, of every image.
        max_length: int, the most tokens of a caption.
        grid: int pair, rows and columns of the cells that attention is over; None without it.
    """

    name = "captioner"
    settings: typing.ClassVar[Settings] = {"image_size": list, "max_length": int, "grid": list}
    added: frozenset[str] = frozenset({"grid"})
    derived: frozenset[str] = frozenset({"image_size", "grid"})
    program: str = "caption"
    input_name: str = "source"
    texts: tuple[str, ...] = ("image",)
    output: str = "caption"
    blank = WHITE
    window = 64

    def __init__(
        self,
        tokenizer: Tokenizer,
        image_size: Sequence[int],
        max_length: int = 40,
        grid: Sequence[int] | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.image_size: list[int] = list(image_size)
        self.max_length = max_length
        self.grid: list[int] | None = None if grid is None else list(grid)

    @property
    def symbols(self) -> dict[str, int]:
        return {"start_id": self.tokenizer.start_id, "end_id": self.tokenizer.end_id}

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        return not hasattr(inputs, "__iter__") or isinstance(
            inputs, str | bytes | pathlib.PurePath | np.ndarray
        )

    @classmethod
    def check(cls, inputs: typing.Any) -> Iterable[typing.Any]:
        if cls.is_one(inputs) and not (isinstance(inputs, np.ndarray) and inputs.ndim == 4):
            raise ValueError(
                f"Expected an iterable of images; received {inputs!r:.60} "
                f"({type(inputs).__name__}). Give a list of images."
            )
        return inputs

    def clean(self, given: Image) -> np.ndarray:
        return load_image(given, self.image_size)

    def rows(self, given: typing.Any) -> list[typing.Any]:
        return [given]

    def size(self, row: typing.Any) -> int:
        return 0

    def batch(self, rows: list[typing.Any]) -> dict[str, np.ndarray]:
        return {self.input_name: np.stack(rows)}

    def one(self, row: typing.Any) -> dict[str, np.ndarray]:
        return self.batch([row])

    def target_ids(self, text: str) -> list[int]:
        """The ids of one caption with the end symbol; a longer one is cut before it."""
        return closed_ids(self.tokenizer, self.tokenizer.encode(text), self.max_length)

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Caption]:
        (found,) = outputs
        return [self._caption(found, n) for n in range(len(found["scores"]))]

    def distinct(self, found: list[Caption]) -> list[Caption]:
        return distinct(found)

    def _caption(self, found, n):
        """The `n`-th hypothesis of one image."""
        length = found["lengths"][n]
        ids = [int(i) for i in found["tokens"][n, :length]]
        attention = found.get("attention")
        if attention is not None:
            attention = attention[n, :length].reshape(length, *self.grid)
        return Caption(
            self.tokenizer.decode(ids),
            float(found["scores"][n]),
            [self.tokenizer.vocabulary[i] for i in ids],
            attention,
            bool(ids) and ids[-1] == self.tokenizer.end_id,
        )

    def read_graph(self, found: dict[str, tf.Tensor]) -> tf.Tensor:
        """`read`, the texts alone, in a graph: `tokens` `(B, N, T)` to strings `(B, N)`."""
        import tensorflow as tf

        count, length = tf.shape(found["tokens"])[1], found["tokens"].shape[2]
        flat = tf.reshape(found["tokens"], (-1, length))
        return tf.reshape(self.tokenizer.detokenize(flat), (-1, count))

    def rows_graph(self, contents: tf.Tensor) -> tf.Tensor:
        """The bytes of image files `(B,)` to uint8 images `(B, H, W, 3)`."""
        import tensorflow as tf

        return tf.map_fn(
            lambda content: read_image(content, self.image_size),
            contents,
            fn_output_signature=tf.TensorSpec((*self.image_size, 3), tf.uint8),
        )

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """Of a batch `B` of the bytes of PNG, JPEG, GIF or BMP files:

        - `serving_default`: `image` `(B,)` to `caption` `(B,)` and `score` `(B,)`;
        - `n_best`: `image` to `captions` and `scores` `(B, N)`, the different ones among all
          hypotheses of the beam; after them, where some read alike, "" with the score -1e9;
        - `attention`: `image` to `caption`, `tokens` `(B, T)` and `attention` `(B, T, h, w)`
          over the cells of the image, of a model that attends.
        """
        import tensorflow as tf

        def decode(contents, search):
            found = task.outputs({"source": self.rows_graph(contents)}, search)
            return found, self.read_graph(found)

        def caption(contents):
            found, captions = decode(contents, task.search)
            return {"caption": captions[:, 0], "score": found["scores"][:, 0]}

        def n_best(contents):
            found, captions = decode(contents, task.search.all_best())
            captions, scores = distinct_graph(captions, found["scores"])
            return {"captions": captions, "scores": scores}

        def attention(contents):
            found, captions = decode(contents, task.search.replace(return_attention=True))
            longest = tf.reduce_max(found["lengths"][:, 0])
            weights = found["attention"][:, 0, :longest]
            return {
                "caption": captions[:, 0],
                "tokens": tokens_graph(self.tokenizer, found["tokens"][:, 0, :longest]),
                "attention": tf.reshape(weights, (-1, longest, *self.grid)),
            }

        found = {
            "serving_default": (caption, strings("image")),
            "n_best": (n_best, strings("image")),
        }
        attends = {"attention": (attention, strings("image"))} if task.model.attends else {}
        return found | attends

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        return "serving_default", {"image": [_content(each) for each in inputs]}


def _content(image):
    """The bytes of an image file, given or named."""
    return image if isinstance(image, bytes) else pathlib.Path(image).read_bytes()
