"""Numbers as people write them in tables: with a decimal comma, with marks between thousands."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable

COMMA = re.compile(r"[+-]?\d+,\d+")
GROUPS = re.compile(r"[+-]?\d{1,3}([.,' ]\d{3})+")
BOTH = re.compile(GROUPS.pattern + r"[.,]\d+")
SMALL = re.compile(r"[+-]?\d{1,3}")


def number_of(cell: typing.Any) -> float | None:
    """The number that a cell holds, with a decimal point or comma; None where it holds none."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        found = str(cell).strip()
        return float(found.replace(",", ".")) if COMMA.fullmatch(found) else None


def value_of(cell: typing.Any) -> float:
    """As `number_of`.

    Raises:
        ValueError: for a cell that holds no number.
    """
    found = number_of(cell)
    if found is None:
        raise ValueError(f"Expected a number; received {cell!r:.40}. {how_to_write(cell)}")
    return found


def decimal_commas(cells: Iterable[str]) -> bool:
    """Whether all of a column's cells are numbers, some with a decimal comma: one at least has not
    three digits behind it, as thousands have."""
    cells = [cell.strip() for cell in cells]
    with_comma = [cell for cell in cells if COMMA.fullmatch(cell)]
    return any(not GROUPS.fullmatch(cell) for cell in with_comma) and all(
        number_of(cell) is not None for cell in cells
    )


def marked_thousands(cells: Iterable[typing.Any]) -> str | None:
    """A cell with a mark between its thousands, of a column in which all numbers from 1,000 on have
    one and no number below; None of other columns.

    `1.077` may be one and some: it is a thousand where others are whole, as `980`.
    """
    cells = [cell.strip() for cell in cells if isinstance(cell, str)]
    marked = [cell for cell in cells if GROUPS.fullmatch(cell)]
    whole = [cell for cell in cells if SMALL.fullmatch(cell)]
    if marked and whole and len(marked) + len(whole) == len(cells):
        return marked[0]
    return None


def check_thousands(cells: Iterable[typing.Any], where: str) -> None:
    """Refuses a column of numbers as `marked_thousands` tells of.

    Args:
        cells: iterable of the column's cells as they stand in the file.
        where: str, which column it is, for the message.
    """
    if marked := marked_thousands(cells):
        raise ValueError(
            f"Expected numbers without marks between thousands in {where}; received {marked!r} "
            "beside whole numbers. Write it without, or all with decimals."
        )


def how_to_write(cell: typing.Any) -> str:
    """What to do about a cell that is no number, as the end of a sentence."""
    found = str(cell).strip()
    if GROUPS.fullmatch(found):
        return "Write it without the marks between its thousands."
    if BOTH.fullmatch(found):
        return "Write it with a decimal point, and without marks between its thousands."
    if COMMA.fullmatch(found):
        return 'Write it with a decimal point, as read_csv(…, decimal=",") of pandas reads it.'
    return "Fill it in, or leave the row out."
