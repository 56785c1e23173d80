"""Where labelled texts come from: files, tables, and rows with names."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence

from kerasseq.data.column_names import holds_names, in_doubt
from kerasseq.data.corpus import TextCorpus
from kerasseq.data.encodings import watched
from kerasseq.data.labels import first_is_strange, kept_label, warn_of_alike
from kerasseq.data.left_out import warn_of_blank
from kerasseq.data.lines import read_lines
from kerasseq.data.numerals import check_thousands
from kerasseq.data.records import columns_of, json_lines, numbered, parquet_rows
from kerasseq.data.tables import Table
from kerasseq.text.checks import check_lines, read_text

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

FASTTEXT = "__label__"  # by which its files begin each label


class LabelledReaders(TextCorpus):
    """The ways to make a LabelledText. A subclass takes a list of texts and one of labels."""

    def __init__(self, texts: Iterable[typing.Any], labels: Iterable[typing.Any]) -> None:
        self.hold(texts, labels)

    def hold(self, texts: Iterable[typing.Any], labels: Iterable[typing.Any]) -> None:
        """Checks texts and labels, and holds them."""
        raise NotImplementedError(f"{type(self).__name__} must implement hold.")

    @classmethod
    def _of_file(cls, texts, labels, path):
        """What was read, and watched, of a file."""
        if not texts:
            raise ValueError(
                f"Expected at least one text in {path}; received none. Check how the file was made."
            )
        found = cls.__new__(cls)
        found.hold(texts, labels)
        warn_of_blank(texts)
        warn_of_alike(found.label_names())
        return found

    @classmethod
    def from_lines(cls, path: AnyPath, *, encoding: str = "utf-8") -> typing.Self:
        """Lines of a label, a space and a text, plain or `.gz`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a line without a space or with a tab before it, one with several of
                fastText's labels or the names of columns, an empty file, or text in another
                encoding.
        """
        texts, labels = [], []
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
            several = label.startswith(FASTTEXT) and text.startswith(FASTTEXT)
            if several or (number == 1 and holds_names([label, text])):
                raise ValueError(
                    f"Expected one label and a text in line {number} of {path}; received "
                    f"{line!r:.60}, "
                    + (
                        "several labels. Give the lists of labels to LabelledText(texts, labels)."
                        if several
                        else "names of columns. Delete the line."
                    )
                )
            texts.append(text)
            labels.append(kept_label(label, f"the label in line {number} of {path}"))
        return cls._of_file(texts, labels, path)

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
        usual = () if text_columns or label_column is not None else ("text", "label")
        table = Table(path, delimiter, encoding, header, quotes, check_quotes, asked, usual)
        if table.names:
            asked[:-1] = ["text"] if text_columns is None else text_columns
            asked[-1] = "label" if label_column is None else label_column
        elif text_columns is None and table.width > 2:
            raise ValueError(
                f"Expected two columns in {path}, a label and a text; received {table.width}. Pass "
                "text_columns=[…] for those that are read."
            )
        *places, place = table.places(asked)
        texts, labels, cells = [], [], []
        for number, row in table.rows(watch=True):
            found = [row[column] for column in places]
            texts.append(tuple(found) if pairs else " ".join(found))
            try:
                label = read_label(row[place])
            except (ValueError, LookupError) as error:
                raise ValueError(
                    f"Expected a label in column {asked[-1]} of row {number} of {path}; received "
                    f"{row[place]!r:.60} ({error}). Mend the row"
                    + (", or pass header=True if it holds names." if number == 1 else ".")
                ) from error
            labels.append(kept_label(label, f"the label in row {number} of {path}"))
            if isinstance(label, float):
                cells.append(row[place])
        check_thousands(cells, f"column {asked[-1]} of {path}")
        if header is None and not table.names and first_is_strange(labels):
            raise in_doubt(path, f"{labels[0]!r:.60} for a label, which no other row has")
        guessed = label_column is None and not table.names and read_label is str
        if guessed and len(texts) > 3 and len(set(labels)) == len(texts):
            raise ValueError(
                f"Expected labels in column {asked[-1]!r} of {path}; received another one in each "
                f"of {len(texts)} rows, {labels[0]!r:.60} first. Pass text_columns=[…] and "
                "label_column=…, or delimiter=…."
            )
        return cls._of_file(texts, labels, path)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, typing.Any]],
        text: str | Sequence[str],
        label: str,
    ) -> typing.Self:
        """Rows that are mappings, as data sets have (`{"text": …, "label": …}`), or a table.

        Args:
            rows: iterable of mappings, or a table, as a pandas DataFrame.
            text: str, the key of the text; or two, for pairs of texts.
            label: str, the key of the label.

        Raises:
            ValueError: for a row without the keys, or for other texts or labels.
        """
        return cls._from_records(numbered(rows), text, label)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[typing.Any, typing.Any]]) -> typing.Self:
        """An iterable of `(text, label)`, as `zip` makes it, or a `tf.data` set of two tensors.

        Raises:
            ValueError: for an item that is not two, or for other texts or labels.
        """
        found = [
            _pair(pair, number) for number, pair in enumerate(check_lines(pairs, what="pairs"), 1)
        ]
        return cls([text for text, _ in found], [label for _, label in found])

    @classmethod
    def from_jsonl(
        cls,
        path: AnyPath,
        text: str | Sequence[str] = "text",
        label: str = "label",
        *,
        read_label: Callable[[typing.Any], typing.Any] | None = None,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A file of JSON Lines, an object a line, plain or `.gz`; `text` and `label` as in
        `from_rows`.

        Args:
            path: path of the file.
            text, label: str, the keys.
            read_label: function from what stands under `label` to the label: `float` for a value
                that is text; None for what stands there.
            encoding: str.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a line that is no JSON object, a key that is missing or
                twice there, another text or label, or text in another encoding.
        """
        return cls._from_records(json_lines(path, encoding), text, label, path, read_label)

    @classmethod
    def from_parquet(
        cls,
        path: AnyPath,
        text: str | Sequence[str] = "text",
        label: str = "label",
        *,
        read_label: Callable[[typing.Any], typing.Any] | None = None,
    ) -> typing.Self:
        """A Parquet file; the arguments are those of `from_jsonl`.

        Raises:
            ImportError: without `pyarrow`.
            FileNotFoundError: for a missing file.
            ValueError: for another or a damaged file, one without a row, a column that is not
                there, or another text or label.
        """
        return cls._from_records(
            parquet_rows(path, _keys(text, label)), text, label, path, read_label
        )

    @classmethod
    def _from_records(cls, records, text, label, path=None, read_label=None):
        keys, texts, labels, cells = _keys(text, label), [], [], []
        for where, (*found, value) in columns_of(records, keys, "text=… and label=…", path):
            named = zip(found, keys, strict=False)
            found = [read_text(each, f"{key!r} in {where}") for each, key in named]
            texts.append(found[0] if isinstance(text, str) else tuple(found))
            try:
                read = value if read_label is None else read_label(value)
            except (TypeError, ValueError, LookupError, AttributeError) as error:
                raise ValueError(
                    f"Expected a label as {label!r} in {where}; received {value!r:.60} ({error}). "
                    "Mend the row."
                ) from error
            labels.append(kept_label(read, f"{label!r} in {where}"))
            if isinstance(read, float):
                cells.append(value)
        check_thousands(cells, f"{label!r} of {'the rows' if path is None else path}")
        return cls._of_file(texts, labels, "the rows" if path is None else path)


def _pair(pair, number):
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(
            f"Expected a text and its label, (text, label), as pair {number}; received "
            f"{pair!r:.60} ({type(pair).__name__}). Give both in a tuple, or rows that are "
            "mappings to from_rows."
        )
    return pair


def _keys(text, label):
    return (text, label) if isinstance(text, str) else (*text, label)
