"""Whether the rows of a table stand in the order of time."""

from __future__ import annotations

import datetime
import itertools
import typing
from collections.abc import Iterable, Sequence

DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d")
TIMES = ("", " %H:%M", " %H:%M:%S")
PUT_BACK = datetime.timedelta(hours=1)  # a clock, in autumn


def times_of(cells: Sequence[typing.Any]) -> list[list[datetime.datetime]]:
    """What the cells of a column are as times, in each way of writing that all of them fit: none
    for a column of something else. Day and month may be told apart in two ways."""
    if not cells:
        return []
    if all(isinstance(cell, datetime.date) for cell in cells):  # of Parquet
        return [[_time(cell) for cell in cells]]
    if not all(isinstance(cell, str) for cell in cells):
        return []
    cells = [cell.strip() for cell in cells]
    readers = [_iso, *(_reader(day + time) for day in DAYS for time in TIMES)]
    return [found for read in readers if (found := _all(read, cells)) is not None]


def check_in_time(
    columns: Iterable[tuple[str | int, Sequence[typing.Any]]], places: Sequence[str]
) -> None:
    """Refuses rows with columns of times, none of which rises from row to row.

    Args:
        columns: iterable of names and the cells of each, of any kind.
        places: list of str, where each row stands.

    Raises:
        ValueError: names a column and the row where it falls.
    """
    said = None
    for name, cells in columns:
        found = times_of(cells)
        falls = [_first_fall(times) for times in found]
        if found and None in falls:
            return
        if found and said is None:
            fall = max(falls)
            said = (
                f"Expected rows in order of time, the earliest first; received {cells[fall]} "
                f"behind {cells[fall - 1]} in column {name!r} of {places[fall]}. Sort the rows by "
                "it, or leave it out of the file if it tells no order; of several series, take one."
            )
    if said is not None:
        raise ValueError(said)


def _first_fall(times):
    """The place of the first time that is before the one behind which it stands, and by more than
    a clock is put back; None where there is none."""
    pairs = itertools.pairwise(times)
    return next((place for place, (a, b) in enumerate(pairs, 1) if a - b > PUT_BACK), None)


def _all(read, cells):
    try:
        return [read(cell) for cell in cells]
    except ValueError:
        return None


def _iso(cell):
    return _time(datetime.datetime.fromisoformat(cell))


def _reader(form):
    return lambda cell: datetime.datetime.strptime(cell, form)


def _time(cell):
    """A date or a time as a time of no zone: what stands on the clock, of a zone that of UTC."""
    if not isinstance(cell, datetime.datetime):
        cell = datetime.datetime(cell.year, cell.month, cell.day)
    return cell if cell.tzinfo is None else cell.astimezone(datetime.UTC).replace(tzinfo=None)
