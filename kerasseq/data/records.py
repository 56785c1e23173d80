"""Rows with named columns in a file, JSON Lines or Parquet: mappings, each with its place."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

from kerasseq.data.column_names import check_apart
from kerasseq.data.encodings import watched
from kerasseq.data.lines import check_file, read_lines
from kerasseq.data.row_texts import NESTED, texts_of_row
from kerasseq.extras import missing
from kerasseq.text.checks import check_lines

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

# Pairs of a row's place, as messages name it, and the row.
Records: typing.TypeAlias = Iterator[tuple[str, typing.Any]]


def numbered(rows: Iterable[typing.Any]) -> Records:
    """The rows of an iterable, or of a table, with their numbers.

    Raises:
        ValueError: for what is no iterable of rows.
    """
    return ((f"row {n}", row) for n, row in enumerate(check_lines(rows, rows=True, what="rows"), 1))


def json_lines(path: AnyPath, encoding: str = "utf-8") -> Records:
    """Streams a file of JSON Lines, an object a line, plain or `.gz`; empty lines are passed over.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a line that is no JSON object or has a key twice, or as `read_lines`.
    """
    for number, line in enumerate(read_lines(path, encoding), 1):
        if not line.strip():
            continue
        where = f"line {number} of {path}"
        yield where, json_object(line, where)


def json_object(line: str, where: str) -> dict[str, typing.Any]:
    """Reads a line as a JSON object, from columns to values.

    Args:
        line: str.
        where: str, what messages call it.

    Raises:
        ValueError: for no JSON object, or one that has a key twice.
    """
    try:
        row = json.loads(line, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"Expected a JSON object in {where}; received {line!r:.60} ({error}). Mend the "
            "line, and give each row a line of its own."
        ) from error
    if not isinstance(row, dict):
        raise ValueError(
            f"Expected a JSON object, from columns to values, in {where}; received "
            f"{line!r:.60} ({type(row).__name__}). Write each row as an object."
        )
    return row


def parquet_rows(path: AnyPath, columns: Sequence[str], further: Sequence[str] = ()) -> Records:
    """Streams some columns of a Parquet file.

    Args:
        path: path of the file.
        columns: list of str; those that are not there are looked for in a column "translation".
        further: list of str, columns that may be missing.

    Raises:
        ImportError: without `pyarrow`.
        FileNotFoundError: for a missing file.
        ValueError: for another or a damaged file, a column that is not there or is there twice.
    """
    parquet = _arrow()
    check_file(path)
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            absent = [column for column in columns if column not in names]
            wanted = [each for each in (*columns, *further) if each in names]
            kept = dict.fromkeys(wanted + [NESTED] * len(absent))
            wrong = next((name for name in kept if names.count(name) != 1), None)
            batches = file.iter_batches(columns=list(kept)) if wrong is None else ()
            for batch in batches:
                for row in batch.to_pylist():
                    number += 1
                    yield f"row {number} of {path}", row
    except Exception as error:  # pyarrow's, and Python's of what a row cannot be
        raise ValueError(
            f"Expected a Parquet file at {path}; received something else, or damaged data after "
            f"row {number} ({' '.join(str(error).split())!s:.200}). Write it again."
        ) from error
    if wrong is not None:
        raise ValueError(
            f"Expected one column {(absent or [wrong])[0]!r} in {path}; received columns named "
            f"{', '.join(map(repr, names))}. Name one of them."
        )


def parquet_names(path: AnyPath) -> list[str]:
    """The names of a Parquet file's columns.

    Raises:
        ImportError, FileNotFoundError, ValueError: as `parquet_rows`.
    """
    parquet = _arrow()
    check_file(path)
    try:
        with parquet.ParquetFile(path) as file:
            return list(file.schema_arrow.names)
    except Exception as error:  # pyarrow's, and Python's of what a name cannot be
        raise ValueError(
            f"Expected a Parquet file at {path}; received something else ({error}). Write it again."
        ) from error


def _arrow():
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise missing("parquet") from error
    return parquet


def columns_of(
    records: Records,
    columns: Sequence[str],
    how: str,
    name: AnyPath | None = None,
    further: Sequence[str] = (),
) -> Iterator[tuple[str, tuple[typing.Any, ...]]]:
    """The values of some columns of each row, with the row's place.

    Args:
        records: what the functions above give.
        columns: list of str, the keys.
        how: str, what messages say to give for the columns.
        name: what a warning of text that was once read in a wrong encoding calls the rows; None
            for no warning.
        further: list of str, keys that may be missing; their values, or None, come last.

    Raises:
        ValueError: for a row that is no mapping or has not the keys, or for a key that is wanted
            twice.
    """
    check_apart(columns, "the rows" if name is None else name)
    rows = (
        (where, (*texts_of_row(row, tuple(columns), where, how), *map(row.get, further)))
        for where, row in records
    )
    return rows if name is None else watched(rows, name, _text, "row")


def counted(rows: Callable[[], Iterator[typing.Any]], path: AnyPath) -> int:
    """The number of rows of a file, each read once.

    Raises:
        ValueError: for a file without a row, or as `rows` does.
    """
    count = sum(1 for _ in rows())
    if not count:
        raise ValueError(
            f"Expected at least one row in {path}; received none. Check how the file was made."
        )
    return count


def _object(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands in it twice")
    return found


def _text(row):
    return " ".join(
        " ".join(map(str, value)) if isinstance(value, list) else value
        for value in row[1]
        if isinstance(value, str | list)
    )
