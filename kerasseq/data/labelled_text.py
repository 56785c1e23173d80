"""Texts, or pairs of texts, each with a label, several, or a number."""

from __future__ import annotations

import collections
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf

from kerasseq.data.corpus import Corpus
from kerasseq.data.encodings import watched
from kerasseq.data.labels import first_is_strange, kept_label, label_target, names_of, rank
from kerasseq.data.length_buckets import token_batches
from kerasseq.data.lines import read_lines
from kerasseq.data.row_texts import texts_of_row
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.data.tables import Table
from kerasseq.text.checks import check_lines, read_text
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath


class LabelledText(Corpus):
    """Texts and their labels, held in memory. Iterating yields `(text, label)`.

    Args:
        texts: list of str, or of pairs of str.
        labels: list, as long: of str, one label each; of lists of str, any number of labels
            each; or of float, a value to learn. A label given as an int is the str of its
            digits.

    Raises:
        ValueError: without a text, for lists of unequal length, for texts or labels of several
            kinds, or for other texts or labels: a value must be finite.
    """

    unit = "texts"

    def __init__(
        self,
        texts: Iterable[str] | Iterable[tuple[str, str]],
        labels: Iterable[str] | Iterable[int] | Iterable[float] | Iterable[Iterable[str]],
    ) -> None:
        texts = enumerate(check_lines(texts), 1)
        self._texts = [_cleaned(text, f"text {number}") for number, text in texts]
        self._labels = [kept_label(label) for label in check_lines(labels)]
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

    @classmethod
    def from_lines(cls, path: AnyPath, *, encoding: str = "utf-8") -> typing.Self:
        """Lines of a label, a space and a text, plain or `.gz`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a line without a space or with a tab before it, an empty file, or
                text in another encoding.
        """
        pairs = []
        for number, line in enumerate(watched(read_lines(path, encoding), path), 1):
            label, space, text = line.partition(" ")
            if "\t" in label:
                raise ValueError(
                    f"Expected a label, a space and a text in line {number} of {path}; received "
                    f"a tab. Read such columns with from_csv(path, [1], 0, delimiter='\\t')."
                )
            if not space:
                raise ValueError(
                    f"Expected a label, a space and a text in line {number} of {path}; received "
                    f"{label!r:.60}. Mend the line."
                )
            pairs.append((text, label))
        return cls(*(zip(*pairs, strict=True) if pairs else ([], [])))

    @classmethod
    def from_csv(
        cls,
        path: AnyPath,
        text_columns: Sequence[int | str] | None = None,
        label_column: int | str | None = None,
        *,
        delimiter: str = ",",
        header: bool | None = None,
        pairs: bool = False,
        read_label: Callable[[str], typing.Any] = str,
        quotes: bool = True,
        check_quotes: bool = True,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A table, plain or `.gz`. `header`, `quotes` and `check_quotes` are as in
        `ParallelText.from_csv`.

        Args:
            path: path of the file.
            text_columns: list of int, from 0, or of str, names in the first row; several are
                joined with a space. By default `["text"]`, in a table without names `[1]`.
            label_column: int or str; by default `"label"`, in a table without names 0.
            delimiter: str, one character.
            header: bool or None.
            pairs: bool, two text columns are a pair of texts and stay apart.
            read_label: function from the label's column to the label: `float` for a value,
                `str.split` for several labels.
            quotes, check_quotes: bool.
            encoding: str.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a label that cannot be read, an empty or damaged file, a first row of
                which it cannot be told whether it is of names, or as `ParallelText.from_csv`.
        """
        if isinstance(text_columns, str | int):
            text_columns = [text_columns]
        asked = [*([1] if text_columns is None else text_columns)]
        asked.append(0 if label_column is None else label_column)
        table = Table(path, delimiter, encoding, header, quotes, check_quotes, asked)
        if table.names:
            asked[:-1] = ["text"] if text_columns is None else text_columns
            asked[-1] = "label" if label_column is None else label_column
        *places, place = map(table.place, asked)
        texts, labels = [], []
        for number, row in table.rows(watch=True):
            found = [row[column] for column in places]
            texts.append(tuple(found) if pairs else " ".join(found))
            try:
                labels.append(read_label(row[place]))
            except ValueError as error:
                raise ValueError(
                    f"Expected a label in column {asked[-1]} of row {number} of {path}; received "
                    f"{row[place]!r:.60} ({error}). Mend the row"
                    + (", or pass header=True if it holds names." if number == 1 else ".")
                ) from error
        if header is None and not table.names and first_is_strange(labels):
            raise ValueError(
                f"Expected to be told whether row 1 of {path} names its columns; received "
                f"{labels[0]!r:.60} for a label, which no other row has. Pass header=True if it "
                "does, else header=False."
            )
        return cls(texts, labels)

    @classmethod
    def from_rows(
        cls, rows: Iterable[Mapping[str, typing.Any]], text: str | Sequence[str], label: str
    ) -> typing.Self:
        """Rows that are mappings, as data sets have: `{"text": …, "label": …}`.

        Args:
            rows: iterable of mappings.
            text: str, the key of the text; or two, for pairs of texts.
            label: str, the key of the label.

        Raises:
            ValueError: for a row without the keys, or for other texts or labels.
        """
        keys = (text, label) if isinstance(text, str) else (*text, label)
        found = [
            texts_of_row(row, keys, f"row {number}", "text=… and label=…")
            for number, row in enumerate(check_lines(rows, rows=True), 1)
        ]
        texts = [row[0] if isinstance(text, str) else row[:-1] for row in found]
        return cls(texts, [row[-1] for row in found])

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[tuple[typing.Any, typing.Any]]:
        return zip(self._texts, self._labels, strict=True)

    def texts(self) -> Iterator[typing.Any]:
        """Iterates over the texts."""
        return iter(self._texts)

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
        return type(self)(self._texts[:count], self._labels[:count])

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
        groups = groups_of_texts((text,) for text in self._texts) if disjoint else None
        parts = split_rows(len(self), share, seed, self._rarest(), groups)
        return tuple(
            type(self)([self._texts[i] for i in part], [self._labels[i] for i in part])
            for part in parts
        )

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
        ids = [encode(text) for text in self._texts]
        targets = tf.constant(np.array([label_target(label, numbers) for label in self._labels]))
        return token_batches(ids, targets, batch_size=batch_size, shuffle=shuffle, seed=seed)


def _cleaned(text, where):
    """A text, or the texts of one row, normalised."""
    if isinstance(text, list | tuple):
        return tuple(normalize(read_text(each, where)) for each in text)
    return normalize(read_text(text, where))
