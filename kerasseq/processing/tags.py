"""Sentences to a tag for every word."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence

from kerasseq.processing.labels import check_labels
from kerasseq.processing.packing import row_of_words, rows_of_words
from kerasseq.processing.processor import Processor, Settings, strings, was_cut
from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import normalize, normalize_graph

if typing.TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.processing.packing import WordRow
    from kerasseq.text.tokenizer import Tokenizer

OUTSIDE = "O"  # the tag of a word that was not read


class Tagging(typing.NamedTuple):
    """The tags of one sentence.

    Attributes:
        text: str, the tags joined with spaces.
        score: float, the mean probability of the tags that were read; 0 without any.
        tags: list of str, one a word.
        probabilities: float32 array `(words, L)`, of the words that were read.
        truncated: bool, whether the sentence was longer than what is read of it.
    """

    text: str
    score: float
    tags: list[str]
    probabilities: np.ndarray
    truncated: bool = False


class Tags(Processor):
    """Sentences to a tagger's rows, and its probabilities to tags.

    A word's tag is read at its first token; words that do not fit into a row are tagged "O".

    Args:
        tokenizer: Tokenizer.
        labels: list of `L` str, the tags in the order of the model's outputs.
        max_length: int, the most tokens read of a sentence.

    Raises:
        ValueError: for tags that are no list of different str.
    """

    name = "tagger"
    settings: typing.ClassVar[Settings] = {"max_length": int, "labels": list}
    output: str = "tags"

    def __init__(self, tokenizer: Tokenizer, labels: Sequence[str], max_length: int = 256) -> None:
        self.tokenizer = tokenizer
        self.labels: list[str] = check_labels(labels)
        self.max_length = max_length

    def clean(self, given: str | Sequence[str]) -> Sequence[str]:
        """The words of a sentence: a str is cut at white space, a list of words is as it is."""
        if isinstance(given, str | bytes):
            return split_words(given)
        return list(check_lines(given))

    def rows(self, given: Sequence[str]) -> list[WordRow]:
        return [row_of_words(self.tokenizer, given, self.max_length)]

    def rows_graph(self, words: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor, tf.RaggedTensor]:
        """The same for ragged words `(B, None)`: int32 ids `(B, S)`, padded with 0, how many
        tokens of each sentence were cut, `(B,)`, and the places of the words' first tokens among
        them, ragged int64 `(B, None)`."""
        return rows_of_words(self.tokenizer, words, self.max_length)

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Tagging]:
        of_words = outputs[0]["outputs"][rows[0].places]  # (words, L)
        tags = [self.labels[n] for n in of_words.argmax(axis=-1)]
        tags += [OUTSIDE] * (len(given) - len(tags))
        score = float(of_words.max(axis=-1).mean()) if len(of_words) else 0.0
        return [Tagging(" ".join(tags), score, tags, of_words, was_cut(rows))]

    def read_graph(
        self, words: tf.RaggedTensor, places: tf.RaggedTensor, outputs: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """`read` in a TensorFlow graph.

        Args:
            words: ragged strings `(B, None)`.
            places: ragged int64 `(B, None)`, as `rows_graph` returns them.
            outputs: float tensor `(B, S, L)`.

        Returns:
            strings `(B, W)`, the tags, padded with "", and float32 `(B, W)`, their
            probabilities, 0 for a word that was not read.
        """
        import tensorflow as tf

        of_words = tf.gather(outputs, places, batch_dims=1)  # ragged (B, None, L)
        names = tf.gather(tf.constant(self.labels), tf.argmax(of_words.values, axis=-1))
        scores = of_words.with_values(tf.reduce_max(of_words.values, axis=-1))
        real = tf.sequence_mask(words.row_lengths())  # (B, W)
        shape = tf.shape(real, tf.int64)
        tags = of_words.with_values(names).to_tensor("", shape=shape)
        tags = tf.where(real & (tags == ""), OUTSIDE, tags)
        return tags, scores.to_tensor(0.0, shape=shape)

    def say(self, found: list[Tagging]) -> list[str]:
        return found[0].tags

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """`serving_default`: `text`, a batch of `B` UTF-8 strings that are cut into words at
        white space, to `words`, `tags` (both `(B, W)`, padded with ""), `scores` `(B, W)`, the
        probability of each tag, and `truncated` `(B,)`."""

        def tag(texts):
            words = split_words_graph(texts)
            ids, cut, places = self.rows_graph(words)
            outputs = task.outputs({"tokens": ids})["outputs"]
            tags, scores = self.read_graph(words, places, outputs)
            return {
                "words": words.to_tensor(),
                "tags": tags,
                "scores": scores,
                "truncated": cut > 0,
            }

        return {"serving_default": (tag, strings("text"))}

    @classmethod
    def served(
        cls, found: dict[str, np.ndarray], inputs: Sequence[typing.Any]
    ) -> Iterable[tuple[typing.Any, float | None]]:
        for tags, row in zip(found["tags"], found["scores"], strict=True):
            sure = row[row > 0]
            text = " ".join(tag.decode("utf-8") for tag in tags if tag)
            yield text, float(sure.mean()) if len(sure) else 0.0


def split_words(text: str | bytes) -> list[str]:
    """Normalises a line (str, or bytes in UTF-8) and cuts it at its spaces: a list of str."""
    return [word for word in normalize(text).split(" ") if word]


def split_words_graph(texts: tf.Tensor) -> tf.RaggedTensor:
    """The same for TensorFlow strings `(B,)`: ragged strings `(B, None)`."""
    import tensorflow as tf

    return tf.strings.split(normalize_graph(texts))
