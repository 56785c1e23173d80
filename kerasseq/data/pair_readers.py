"""Where pairs of lines come from: files, tables, and what is held in memory."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator

from kerasseq.data.column_names import check_apart
from kerasseq.data.corpus import TextCorpus
from kerasseq.data.encodings import watched
from kerasseq.data.lines import count_lines, read_lines
from kerasseq.data.records import Records, columns_of, counted, json_lines, parquet_rows
from kerasseq.data.row_texts import texts_of_row
from kerasseq.data.tables import ENDINGS, Table, cut_of, ending_of
from kerasseq.text.checks import check_lines, check_pair, read_text
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

HOW = "source=… and target=…"
READERS = {ending: f"from_{ending[1:]}" for ending in ENDINGS}


class PairReaders(TextCorpus):
    """The ways to make a ParallelText, and what it is without TensorFlow: so many pairs.

    Iterating yields `(source, target)` pairs of cleaned str (see `kerasseq.text.normalize`), after
    `with_whitespace()` with their white space as it stands.

    Args:
        count: int, pairs.
        raw_pairs: function without arguments to an iterator of pairs of str.
    """

    unit = "pairs"
    headings: tuple[str, ...] = ("source", "target")

    def __init__(self, count: int, raw_pairs: Callable[[], Iterator[tuple[str, str]]]) -> None:
        self.count = count
        self.raw_pairs = raw_pairs

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[str, str]]:
        keep = self.keep_whitespace
        return (
            (normalize(source, keep_whitespace=keep), normalize(target, keep_whitespace=keep))
            for source, target in self.raw_pairs()
        )

    @classmethod
    def from_files(
        cls, source_path: AnyPath, target_path: AnyPath, *, encoding: str = "utf-8"
    ) -> typing.Self:
        """Two line-aligned files, plain or `.gz`, streamed at every use.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, files of unequal length, or text in another encoding.
        """
        paths = source_path, target_path
        counts = [count_lines(path, encoding) for path in paths]
        if counts[0] != counts[1]:
            raise ValueError(
                f"Expected files of equal length; received {counts[0]} lines in "
                f"{source_path} and {counts[1]} in {target_path}. Align them line by line."
            )
        return cls(
            counts[0], lambda: zip(*(read_lines(path, encoding) for path in paths), strict=True)
        )

    @classmethod
    def from_table(
        cls,
        path: AnyPath,
        source: int | str = 0,
        target: int | str = 1,
        *,
        encoding: str | None = None,
    ) -> typing.Self:
        """A table of the kind that its name's ending says: `.csv`, `.tsv`, `.jsonl` or `.parquet`,
        all but the last plain or `.gz`, and in any encoding. What cuts a `.csv` is found out.

        Args:
            path: path of the file.
            source, target: int or str, the columns, as the reader of that kind takes them.
            encoding: str; UTF-8 by default.

        Raises:
            ValueError: for another ending, or as the reader of that kind.
        """
        ending = ending_of(path)
        if ending is None or (ending == ".parquet" and encoding):
            raise ValueError(
                f"Expected a table of pairs in {', '.join(READERS)}, all but the last in any "
                f"encoding, plain or .gz; received {path} in {encoding or 'UTF-8'}. Rename or "
                "convert it."
            )
        options = {"encoding": encoding} if encoding else {}
        if ending == ".csv":
            options |= cut_of(path, encoding or "utf-8")
        return getattr(cls, READERS[ending])(path, source, target, **options)

    @classmethod
    def from_tsv(
        cls,
        path: AnyPath,
        source_column: int | str = 0,
        target_column: int | str = 1,
        *,
        header: bool | None = None,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A tab-separated file without quotes; the rest is as in `from_csv`."""
        return cls.from_csv(
            path,
            source_column,
            target_column,
            delimiter="\t",
            header=header,
            quotes=False,
            encoding=encoding,
        )

    @classmethod
    def from_csv(
        cls,
        path: AnyPath,
        source_column: int | str = 0,
        target_column: int | str = 1,
        *,
        delimiter: str = ",",
        header: bool | None = None,
        quotes: bool = True,
        check_quotes: bool = True,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A table, plain or `.gz`, streamed at every use; other columns are ignored.

        Args:
            path: path of the file.
            source_column: int, from 0, or str, a name in the first row.
            target_column: the same.
            delimiter: str, one character.
            header: bool, the first row names the columns. By default it does when a column is
                given by name, or when both columns' first rows are words such as "source".
            quotes: bool, `"` is a quote: a field in quotes may hold delimiters and line breaks.
            check_quotes: bool, refuse a field in quotes whose lines look like rows.
            encoding: str.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a column that is not there, a row with more or fewer
                columns than the first, a stray quote, or text in another encoding.
        """
        columns = source_column, target_column
        table = Table(path, delimiter, encoding, header, quotes, check_quotes, columns)
        source, target = table.places(columns)
        count = sum(1 for _ in table.rows(watch=True))
        if not count:
            raise ValueError(
                f"Expected at least one pair in {path}; received a first row of names alone. "
                "Check the file, or pass header=False."
            )
        return cls(count, lambda: ((row[source], row[target]) for _, row in table.rows()))

    @classmethod
    def from_jsonl(
        cls, path: AnyPath, source: str, target: str, *, encoding: str = "utf-8"
    ) -> typing.Self:
        """A file of JSON Lines, an object a line, plain or `.gz`, streamed at every use.

        Args:
            path: path of the file.
            source, target: str, the keys of the texts, in each object or in the one that it has
                under "translation".
            encoding: str.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a line that is no JSON object, a key that is missing or
                twice there, a value that is no text, or text in another encoding.
        """
        return cls._from_records(lambda: json_lines(path, encoding), (source, target), path)

    @classmethod
    def from_parquet(cls, path: AnyPath, source: str, target: str) -> typing.Self:
        """A Parquet file, streamed at every use; `source` and `target` as in `from_jsonl`.

        Raises:
            ImportError: without `pyarrow`.
            FileNotFoundError: for a missing file.
            ValueError: for another or a damaged file, one without a row, a column that is not
                there, or a value that is no text.
        """
        columns = source, target
        return cls._from_records(lambda: parquet_rows(path, columns), columns, path)

    @classmethod
    def _from_records(cls, records: Callable[[], Records], columns, path):
        def pairs(name=None):
            for where, texts in columns_of(records(), columns, HOW, name):
                named = zip(texts, columns, strict=True)
                yield tuple(read_text(text, f"{column!r} in {where}") for text, column in named)

        return cls(counted(lambda: pairs(path), path), pairs)

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[typing.Any], *, source: str | None = None, target: str | None = None
    ) -> typing.Self:
        """An iterable of `(source, target)` str pairs, held in memory.

        Args:
            pairs: iterable of pairs of str; or of mappings, as data sets have: `{"en": …, "de":
                …}`, or `{"translation": {"en": …, "de": …}}`; or a table, as a pandas DataFrame.
            source, target: str, the keys of such a mapping, or the table's columns.

        Raises:
            ValueError: for no pair, an item that is not two str, or a mapping without the keys.
        """
        check_apart((source, target), "the pairs")
        pairs = [
            texts_of_row(pair, (source, target), f"pair {number}", HOW)
            for number, pair in enumerate(check_lines(pairs, rows=True), 1)
        ]
        if not pairs:
            raise ValueError("Expected at least one pair of lines; received none. Check the list.")
        for number, pair in enumerate(pairs, 1):
            check_pair(pair, f"pair {number}")
        texts = (
            tuple(read_text(text, f"pair {number}") for text in pair)
            for number, pair in enumerate(pairs, 1)
        )
        held = list(watched(texts, "the pairs", " ".join, "pair"))
        return cls(len(held), lambda: iter(held))

    @classmethod
    def from_lists(cls, sources: Iterable[str], targets: Iterable[str]) -> typing.Self:
        """A list of source str and a list of target str, held in memory.

        Raises:
            ValueError: for lists of unequal length, or as `from_pairs`.
        """
        sources, targets = list(check_lines(sources)), list(check_lines(targets))
        if len(sources) != len(targets):
            raise ValueError(
                f"Expected lists of equal length; received {len(sources)} sources and "
                f"{len(targets)} targets. Align them line by line."
            )
        return cls.from_pairs(zip(sources, targets, strict=True))
