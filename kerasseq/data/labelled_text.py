"""Texts, or pairs of texts, each with a label, several, or a number."""

from __future__ import annotations

import collections
import copy
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from kerasseq.data.encodings import watched
from kerasseq.data.labelled_readers import LabelledReaders
from kerasseq.data.labels import kept_label, label_target, names_of, rank, warn_of_alike
from kerasseq.data.left_out import warn_of_blank
from kerasseq.data.length_buckets import token_batches
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.lazily import tf
from kerasseq.text.checks import check_lines, check_whole, read_text
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches


class LabelledText(LabelledReaders):
    """Texts and their labels, held in memory. Iterating yields `(text, label)`, cleaned (see
    `kerasseq.text.normalize`), after `with_whitespace()` with white space as it stands.

    Read files and tables with `from_lines`, `from_csv`, `from_jsonl`, `from_parquet` or
    `from_rows` (`LabelledReaders`).

    Args:
        texts: list of str, or of pairs of str.
        labels: list, as long: of str, one label each; of lists of str, any number of labels
            each; or of float, a value to learn. A label given as an int is the str of its
            digits.

    A warning says how many texts are empty, or were once read in a wrong encoding.

    Raises:
        ValueError: without a text, for lists of unequal length, for texts or labels of several
            kinds, or for other texts or labels: a value must be finite, a name must not be empty.
    """

    unit = "texts"
    headings: tuple[str, ...] = ("text", "label")

    def __init__(
        self,
        texts: Iterable[str] | Iterable[tuple[str, str]],
        labels: Iterable[str] | Iterable[int] | Iterable[float] | Iterable[Iterable[str]],
    ) -> None:
        texts = (_read(text, f"text {n}") for n, text in enumerate(check_lines(texts), 1))
        self.hold(watched(texts, "the texts", str, "text"), labels)
        warn_of_blank(self._texts)
        warn_of_alike(self.label_names())

    def hold(self, texts: Iterable[typing.Any], labels: Iterable[typing.Any]) -> None:
        """Checks texts and labels, and holds them."""
        self._texts = list(texts)
        labels = enumerate(check_lines(labels), 1)
        self._labels = [kept_label(label, f"label {number}") for number, label in labels]
        if len(self._texts) != len(self._labels) or not self._texts:
            raise ValueError(
                f"Expected a label for each of at least one text; received {len(self._texts)} "
                f"texts and {len(self._labels)} labels. Align the lists."
            )
        widths = {0 if isinstance(text, str) else len(text) for text in self._texts}
        if widths not in ({0}, {2}):
            wrong = next(text for text in self._texts if isinstance(text, str) or len(text) != 2)
            raise ValueError(
                f"Expected texts that are all str, or all pairs of str; received {wrong!r:.60} "
                "among them. Give two columns for pairs, and one otherwise."
            )
        kinds = {type(label): label for label in self._labels}
        if len(kinds) > 1:
            both = " and ".join(f"{label!r:.60}" for label in kinds.values())
            raise ValueError(
                "Expected labels that are all names, all lists of names, or all float; received "
                f"{both}. Make them one kind."
            )

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[tuple[typing.Any, typing.Any]]:
        return zip(self.texts(), self._labels, strict=True)

    def texts(self) -> Iterator[typing.Any]:
        """Iterates over the texts."""
        return (self._cleaned(text) for text in self._texts)

    def _cleaned(self, text):
        if isinstance(text, tuple):
            return tuple(map(self._cleaned, text))
        return normalize(text, keep_whitespace=self.keep_whitespace)

    def __repr__(self) -> str:
        names = self.label_names()
        said = "a value each" if self.kind == "regression" else f"{len(names):,} labels"
        return f"<{type(self).__name__} of {len(self):,} {self.unit}, {said}>"

    def labels(self) -> Iterator[typing.Any]:
        """Iterates over the labels."""
        return iter(self._labels)

    @property
    def kind(self) -> typing.Literal["single_label", "multi_label", "regression"]:
        """What a label is, as TextClassifier says it: str."""
        first = self._labels[0]
        if isinstance(first, float):
            return "regression"
        return "single_label" if isinstance(first, str) else "multi_label"

    def label_names(self) -> list[str]:
        """The labels that occur, sorted, whole numbers by their value: a list of str."""
        return sorted({name for label in self._labels for name in names_of(label)}, key=rank)

    def take(self, count: int) -> typing.Self:
        """The first `count` texts."""
        check_whole("count", count)
        return self._of(range(len(self))[:count])

    def split(
        self, share: float, *, seed: int = 0, disjoint: bool = False
    ) -> tuple[typing.Self, typing.Self]:
        """A part to train on and one held out, drawn by a seed, with each label's share of texts.

        Args:
            share: float above 0 and below 1, of the texts that are held out.
            seed: int.
            disjoint: bool, no text stands in both parts.

        Returns:
            two LabelledText, in an order that the seed draws.

        Raises:
            ValueError: for another share, or when a part stays empty.
        """
        groups = groups_of_texts((text,) for text in self.texts()) if disjoint else None
        parts = split_rows(len(self), share, seed, self._rarest(), groups)
        return tuple(map(self._of, parts))

    def _of(self, rows):
        """Some of the rows, read as these are."""
        found = copy.copy(self)
        found.hold([self._texts[i] for i in rows], [self._labels[i] for i in rows])
        return found

    def _rarest(self):
        """Of each text the label that the fewest have, "" for none: what a split is drawn by."""
        counts = collections.Counter(name for label in self._labels for name in names_of(label))
        return [
            min(names_of(label), key=lambda name: (counts[name], name), default="")
            for label in self._labels
        ]

    def batches(
        self,
        encode: Callable[[typing.Any], Sequence[int]],
        label_names: Sequence[str],
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Batches:
        """Padded batches for `model.fit`.

        Args:
            encode: function from a text to its ids, `TextClassifier.ids`.
            label_names: list of `L` str, the label of each number; ["value"] for numbers.
            batch_size: int.
            shuffle: bool, another order every epoch.
            seed: int, of the order.

        Returns:
            `tf.data.Dataset` of `(x, y)`: `x` a dict of `tokens` int32 `(B, S)`, padded with
            0; `y` int32 `(B,)`, numbers of labels; with several labels a text float32
            `(B, L)` of 0 and 1; of values float32 `(B, 1)`.

        Raises:
            ValueError: for a label without a number.
        """
        numbers = {name: number for number, name in enumerate(label_names)}
        every = (name for label in self._labels for name in names_of(label))
        unknown = next((name for name in every if name not in numbers), None)
        if unknown is not None:
            raise ValueError(
                f"Expected labels of {', '.join(label_names)}; received {unknown!r}. Add it, or "
                "drop its texts."
            )
        ids = [encode(text) for text in self.texts()]
        targets = tf.constant(np.array([label_target(label, numbers) for label in self._labels]))
        return token_batches(ids, targets, batch_size=batch_size, shuffle=shuffle, seed=seed)


def _read(text, where):
    """A text, or the texts of one row, as str."""
    if isinstance(text, list | tuple):
        return tuple(read_text(each, where) for each in text)
    return read_text(text, where)
