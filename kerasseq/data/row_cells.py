"""Some columns of a file of rows, whatever its ending."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence

from kerasseq.data.column_names import check_apart
from kerasseq.data.records import json_lines, parquet_names, parquet_rows
from kerasseq.data.tables import ENDINGS, Table, cut_of, ending_of

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath


def row_cells(
    path: AnyPath,
    columns: Sequence[str | int],
    further: Sequence[str | int] = (),
    *,
    encoding: str = "utf-8",
) -> Iterator[tuple[str, list[typing.Any]]]:
    """Iterates over `(where, cells)`: "row 2 of a.csv", and what stands in the columns there.

    Args:
        path: path of a `.csv`, a `.tsv` without quotes, a `.jsonl` or a `.parquet` file; what cuts
            a `.csv` is found out.
        columns: list of str, their names; of a table also int, from 0.
        further: list of columns whose cells come behind those, None where a row has none.
        encoding: str; Parquet has none.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for another ending, or a column that is not there.
    """
    ending = ending_of(path)
    if ending in (".csv", ".tsv"):
        table = Table(path, encoding=encoding, columns=columns, **cut_of(path, encoding))
        places = table.places((*columns, *further))
        for number, row in table.rows(True):
            yield f"row {number} of {path}", [row[place] for place in places]
        return
    check_apart(columns, path)
    if ending == ".jsonl":
        yield from _cells(json_lines(path, encoding), columns, further)
    elif ending == ".parquet":
        yield from _cells(parquet_rows(path, parquet_names(path)), columns, further)
    else:
        raise ValueError(
            f"Expected a file that ends in {', '.join(ENDINGS)}; received {path}. Write a row for "
            "each."
        )


def other_columns(
    path: AnyPath, columns: Sequence[str | int], *, encoding: str = "utf-8"
) -> dict[str | int, str | int]:
    """The columns of a file besides some, as `row_cells` takes them, and what they are called; of
    a file that it does not read, none."""
    ending = ending_of(path)
    if ending in (".csv", ".tsv"):
        table = Table(path, encoding=encoding, columns=columns, **cut_of(path, encoding))
        taken = {table.place(column) for column in columns}
        names = table.names or range(table.width)
        return {place: name for place, name in enumerate(names) if place not in taken}
    names = ()
    if ending == ".parquet":
        names = parquet_names(path)
    elif ending == ".jsonl":
        names = next((row for _, row in json_lines(path, encoding)), ())
    return {name: name for name in names if name not in columns}


def _cells(rows, columns, further):
    for where, row in rows:
        absent = next((name for name in columns if name not in row), None)
        if absent is not None:
            raise ValueError(
                f"Expected a column {absent!r} in {where}; received {', '.join(map(repr, row))}. "
                "Name one of them."
            )
        yield where, [*(row[name] for name in columns), *map(row.get, further)]
