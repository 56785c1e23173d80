"""Texts, or pairs of texts, each with a label, several, or a number."""

import csv
import io
import math
from numbers import Integral, Real

import numpy as np
import tensorflow as tf

from kerasseq.data.length_buckets import bucket_by_length
from kerasseq.data.lines import opened, read_text_lines
from kerasseq.data.prefetch import prefetch
from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import normalize


class LabelledText:
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

    def __init__(self, texts, labels):
        check_lines(texts)
        check_lines(labels)
        self._texts = [
            normalize(text) if isinstance(text, str | bytes) else _pair(text) for text in texts
        ]
        self._labels = [_kept(label) for label in labels]
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
    def from_lines(cls, path):
        """Lines of a label, a space and a text, plain or `.gz`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a line without a space or with a tab before it, or an empty file.
        """
        pairs = []
        for number, line in enumerate(read_text_lines(path), 1):
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
        path,
        text_columns=(1,),
        label_column=0,
        delimiter=",",
        header=False,
        pairs=False,
        read_label=str,
    ):
        """A CSV or TSV file, plain or `.gz`.

        Args:
            path: path of the file.
            text_columns: list of int, from 0; several are joined with a space.
            label_column: int, from 0.
            delimiter: str.
            header: bool, the first row names the columns.
            pairs: bool, two text columns are a pair of texts and stay apart.
            read_label: function from the label's column to the label: `float` for a value,
                `str.split` for several labels.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a row with too few columns, a label that cannot be read, or an
                empty or damaged file.
        """
        wanted = max(*text_columns, label_column) + 1
        texts, labels = [], []
        csv.field_size_limit(2**31 - 1)  # a text may be longer than the module's 131,072
        with opened(path) as file:
            lines = io.TextIOWrapper(file, "utf-8-sig", "replace", newline="")
            for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                if (header and number == 1) or not row:
                    continue
                if len(row) < wanted:
                    raise ValueError(
                        f"Expected at least {wanted} columns in row {number} of {path}; received "
                        f"{len(row)}. Mend the row, or name other columns."
                    )
                found = [row[column] for column in text_columns]
                texts.append(tuple(found) if pairs else " ".join(found))
                try:
                    labels.append(read_label(row[label_column]))
                except ValueError as error:
                    raise ValueError(
                        f"Expected a label in column {label_column} of row {number} of {path}; "
                        f"received {row[label_column]!r:.60} ({error}). Mend the row."
                    ) from error
        return cls(texts, labels)

    def __len__(self):
        return len(self._texts)

    def __iter__(self):
        return zip(self._texts, self._labels, strict=True)

    def texts(self):
        """Iterates over the texts."""
        return iter(self._texts)

    def labels(self):
        """Iterates over the labels."""
        return iter(self._labels)

    @property
    def kind(self):
        """What a label is, as TextClassifier says it: str."""
        first = self._labels[0]
        if isinstance(first, float):
            return "regression"
        return "single_label" if isinstance(first, str) else "multi_label"

    def label_names(self):
        """The labels that occur, sorted, whole numbers by their value: a list of str."""
        return sorted({name for label in self._labels for name in _names(label)}, key=_rank)

    def take(self, count):
        """The first `count` texts."""
        return type(self)(self._texts[:count], self._labels[:count])

    def split(self, share):
        """The first `1 - share` of the texts, and the rest."""
        cut = round(len(self) * (1 - share))
        return (
            type(self)(self._texts[:cut], self._labels[:cut]),
            type(self)(self._texts[cut:], self._labels[cut:]),
        )

    def batches(self, encode, label_names, batch_size, shuffle=False, seed=0):
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
        every = (name for label in self._labels for name in _names(label))
        unknown = next((name for name in every if name not in numbers), None)
        if unknown is not None:
            raise ValueError(
                f"Expected labels of {', '.join(label_names)}; received {unknown!r}. Add it, or "
                "drop its texts."
            )
        ids = [encode(text) for text in self._texts]
        targets = [_target(label, numbers) for label in self._labels]
        data = tf.data.Dataset.from_tensor_slices(
            (tf.ragged.constant(ids, tf.int32), tf.constant(np.array(targets)))
        )
        if shuffle:
            data = data.shuffle(len(self), seed=seed)
        data = bucket_by_length(
            data,
            [len(row) for row in ids],
            lambda tokens, label: tf.size(tokens),
            batch_size,
            ((None,), np.shape(targets[0])),
        )
        return prefetch(data.map(lambda tokens, label: ({"tokens": tokens}, label)))


def _pair(texts):
    """The texts of one row, normalised."""
    check_lines(texts)
    return tuple(map(normalize, texts))


def _kept(label):
    """A label as it is held: a str, a float, or a sorted list of str."""
    if isinstance(label, str):
        return label
    if isinstance(label, Integral) and not isinstance(label, bool):
        return str(int(label))
    if isinstance(label, Real) and not isinstance(label, bool) and math.isfinite(label):
        return float(label)
    if isinstance(label, list | tuple | set | frozenset | np.ndarray):
        names = [_kept(name) for name in label]
        if all(isinstance(name, str) for name in names):
            return sorted(names)
    raise ValueError(
        f"Expected labels of str, int or finite float, or lists of str; received {label!r:.60} "
        f"({type(label).__name__}). Give each its name."
    )


def _rank(name):
    """What a label is sorted by."""
    try:
        return 0, int(name), name
    except ValueError:
        return 1, 0, name


def _names(label):
    """The names in a label: a list of str, empty for a value."""
    if isinstance(label, float):
        return []
    return [label] if isinstance(label, str) else label


def _target(label, numbers):
    """What a model learns of a label."""
    if isinstance(label, float):
        return np.float32([label])
    if isinstance(label, str):
        return np.int32(numbers[label])
    row = np.zeros(len(numbers), "float32")
    row[[numbers[name] for name in label]] = 1.0
    return row
