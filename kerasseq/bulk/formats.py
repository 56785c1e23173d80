"""Files with a text to translate in each row, and the same rows with their translations."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import pathlib
import typing
from collections.abc import Iterable, Iterator

from kerasseq.data.lines import read_lines
from kerasseq.data.records import json_object, parquet_names, parquet_rows
from kerasseq.data.tables import Table, cut_of, ending_of

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

LINES_AT_ONCE = 10_000  # rows of a Parquet file in memory


class Refused(typing.NamedTuple):
    """Why a row has no text."""

    reason: str


def open_rows(
    path: AnyPath,
    column: str | None = None,
    name: str | None = "translation",
    encoding: str = "utf-8",
) -> Rows:
    """Opens a file of lines, or by its ending `.csv`, `.tsv`, `.jsonl` or `.parquet`; all but the
    last may end in `.gz`.

    Args:
        path: path.
        column: str, where the text is: a name, of a table a number from 0 too. None for lines.
        name: str, of the column that is added; None where none is written.
        encoding: str.

    Raises:
        FileNotFoundError: for a missing file.
        ImportError: for a Parquet file without `pyarrow`.
        ValueError: for a column that is not there, one that is missing or too many, or a `name`
            that is there.
    """
    ending = ending_of(path)
    if (ending is None) != (column is None):
        raise ValueError(
            f"Expected the column that holds the text, in a file of columns; received {path} and "
            f"{'none' if column is None else f'column {column!r}'}. "
            + ("Name it by --column." if column is None else "A line is a text: leave it out.")
        )
    if ending is None:
        return Rows(path, encoding)
    kind = {".jsonl": JsonRows, ".parquet": ParquetRows}.get(ending, TableRows)
    return kind(path, encoding, typing.cast(str, column), name)


class Rows:
    """A file of lines. A line of the output is a translation, empty where there is none."""

    def __init__(self, path: AnyPath, encoding: str) -> None:
        self.path: pathlib.Path = pathlib.Path(path)
        self.encoding = encoding

    def texts(self) -> Iterator[str | Refused]:
        """Yields the text of each row, or why it has none.

        Raises:
            ValueError: for a file that cannot be read as what its name says.
        """
        return read_lines(self.path, self.encoding)

    def write(self, path: AnyPath, answers: Iterable[str | None]) -> None:
        """Writes the rows with their translations, None where there is none. A line break in a
        translation becomes a space where it would end the row."""
        with _writing(path) as file:
            for answer in answers:
                file.write(_one_line(answer) + "\n")


class TableRows(Rows):
    """A CSV file, where quotes are quotes, or a TSV file, where they are letters; the output is cut
    as the input is."""

    def __init__(self, path: AnyPath, encoding: str, column: str, name: str | None) -> None:
        super().__init__(path, encoding)
        wanted = int(column) if column.isdecimal() else column
        cut = cut_of(path, encoding)
        self.table: Table = Table(path, encoding=encoding, columns=[wanted], **cut)
        self.place: int = self.table.place(wanted)
        self.name = name
        _check_name(name, self.table.names or [], path)

    def texts(self) -> Iterator[str | Refused]:
        return (row[self.place] for _, row in self.table.rows())

    def write(self, path: AnyPath, answers: Iterable[str | None]) -> None:
        with _writing(path) as file:
            quoted = csv.writer(file, delimiter=self.table.delimiter, lineterminator="\n")
            names = [self.table.names] if self.table.names else []
            rows = (row for _, row in self.table.rows())
            for row, answer in _beside(names, [self.name], rows, answers):
                if self.table.quotes:
                    quoted.writerow([*row, answer or ""])
                else:
                    file.write("\t".join([*row, _one_line(answer).replace("\t", " ")]) + "\n")


class JsonRows(Rows):
    """A file of JSON Lines. A line that is no object is refused by itself; a translation that
    there is not is null. Empty lines are passed over."""

    def __init__(self, path: AnyPath, encoding: str, column: str, name: str | None) -> None:
        super().__init__(path, encoding)
        self.column = column
        self.name = name

    def _rows(self):
        for number, line in enumerate(read_lines(self.path, self.encoding), 1):
            if line.strip():
                try:
                    row = json_object(line, f"line {number} of {self.path}")
                except ValueError as error:
                    yield Refused(str(error))
                else:
                    _check_name(self.name, [*row], self.path)
                    yield row

    def texts(self) -> Iterator[str | Refused]:
        for row in self._rows():
            yield row if isinstance(row, Refused) else _text(row.get(self.column), self.column)

    def write(self, path: AnyPath, answers: Iterable[str | None]) -> None:
        with _writing(path) as file:
            for row, answer in zip(self._rows(), answers, strict=True):
                row = {} if isinstance(row, Refused) else row
                found = json.dumps(row | {self.name: answer}, ensure_ascii=False)
                file.write(found + "\n")


class ParquetRows(Rows):
    """A Parquet file. A text that is null is refused; a translation that there is not is null."""

    def __init__(self, path: AnyPath, encoding: str, column: str, name: str | None) -> None:
        super().__init__(path, encoding)
        self.column = column
        self.name = name
        names = parquet_names(path)
        if names.count(column) != 1:
            raise ValueError(
                f"Expected one column {column!r} in {path}; received columns named "
                f"{', '.join(map(repr, names))}. Name one of them."
            )
        _check_name(name, names, path)

    def texts(self) -> Iterator[str | Refused]:
        for _, row in parquet_rows(self.path, [self.column]):
            yield _text(row[self.column], self.column)

    def write(self, path: AnyPath, answers: Iterable[str | None]) -> None:
        import pyarrow
        from pyarrow import parquet

        answers = iter(answers)
        with parquet.ParquetFile(self.path) as file:
            added = pyarrow.field(self.name, pyarrow.string())
            schema = file.schema_arrow.append(added)
            with parquet.ParquetWriter(path, schema) as writer:
                for batch in file.iter_batches(LINES_AT_ONCE):
                    own = [answer for answer, _ in zip(answers, range(len(batch)), strict=False)]
                    columns = [*batch.columns, pyarrow.array(own, pyarrow.string())]
                    writer.write_batch(pyarrow.record_batch(columns, schema=schema))


def _text(value, column):
    """A value as a text, or why it is none."""
    if isinstance(value, str):
        return value
    received = "none" if value is None else f"{value!r:.60} ({type(value).__name__})"
    return Refused(f"Expected a text in {column!r}; received {received}. Mend the row.")


def _check_name(name, names, path):
    if name in names:
        raise ValueError(
            f"Expected {path} without a column {name!r}, which translations would be; received "
            "one. Name another by --name."
        )


def _one_line(answer):
    return " ".join((answer or "").splitlines())


def _beside(names, name, rows, answers):
    """Pairs of a row and what stands behind it, the names of a table first."""
    yield from zip(names, name, strict=False)
    yield from zip(rows, answers, strict=True)


@contextlib.contextmanager
def _writing(path):
    """A file of text, open for writing; packed, the same bytes at any time, where its name ends
    in `.gz`."""
    with open(path, "wb") as raw, contextlib.ExitStack() as stack:
        if ".gz." in path.name:
            raw = stack.enter_context(gzip.GzipFile("", "wb", fileobj=raw, mtime=0))
        # A surrogate without its other half, which JSON may hold, is again the escape it was.
        text = io.TextIOWrapper(raw, "utf-8", "backslashreplace", newline="\n")
        yield stack.enter_context(text)
