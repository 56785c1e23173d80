"""Rows of a table that may be read otherwise than they were meant: said once, after the last."""

from __future__ import annotations

import re
import typing
import warnings
from collections.abc import Iterator

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

# A row's number, its fields, and how many rows a quote in it may have swallowed.
Rows: typing.TypeAlias = Iterator[tuple[int, list[str], int]]
# A field as a program writes one that holds quotes: they are doubled.
QUOTED = re.compile('"(?=.*"".*")(?:[^"]|"")*"')
QUOTES = "\"'"


def watched_rows(rows: Rows, path: AnyPath, quotes: bool) -> Rows:
    """Passes rows on, and warns after the last of three kinds of them.

    - Where `quotes` count, a field in quotes whose lines look like rows: of so few that a text may
      have them, but a stray quote too.
    - Where they do not, fields that a program put in quotes.
    - Fields that are all in quotes which are read as letters.

    Args:
        rows: iterator, see `Rows`.
        path: what the warnings call their file.
        quotes: bool, `"` is a quote.
    """
    count, swallowing, quoted, wrapped = 0, [], [], dict.fromkeys(QUOTES, 0)
    for number, row, swallowed in rows:
        yield number, row, swallowed
        count += 1
        if swallowed:
            swallowing.append((number, row))
        if not quotes:
            quoted += [(number, field) for field in row if QUOTED.fullmatch(field)][:1]
        for quote in wrapped:
            wrapped[quote] += all(each[:1] == each[1:][-1:] == quote for each in row)
    if swallowing:
        number, row = swallowing[0]
        warnings.warn(
            f"Expected fields in quotes to be one text in {path}; received {len(swallowing)} whose "
            f"lines look like rows, in row {number} first: {row!r:.80}. Mend the stray quote, or "
            "pass check_quotes=False if they are right.",
            stacklevel=2,
        )
    around = next((quote for quote, number in wrapped.items() if number == count > 0), None)
    if around and not (around == '"' and quotes):
        csv = around == '"'
        warnings.warn(
            f"Expected fields without quotes around them in {path}; received {around} around all "
            f"of them, in {count} rows. "
            + ("Read it with from_csv and quotes=True." if csv else "Write them in double quotes."),
            stacklevel=2,
        )
    elif quoted:
        number, field = quoted[0]
        warnings.warn(
            f"Expected fields without quotes around them in {path}; received some, with doubled "
            f"quotes inside, in {len(quoted)} rows, in row {number} first: {field!r:.60}. Read the "
            "file with from_csv and quotes=True.",
            stacklevel=2,
        )
