"""Tables of text, CSV and TSV: strict quotes, as many columns in every row, named or counted."""

from __future__ import annotations

import csv
import itertools
import typing
from collections.abc import Iterator, Sequence
from numbers import Integral

from kerasseq.data.column_names import check_apart, holds_names, in_doubt
from kerasseq.data.encodings import watched
from kerasseq.data.lines import read_lines
from kerasseq.data.table_faults import watched_rows

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

# Of files of rows; a `.gz` may stand behind all but the last, which packs by itself.
ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
DELIMITERS = "\t;|,"  # of a `.csv`, as programs of offices write it too; the rarest in texts first
CUT_BY = 200  # lines by which it is told what cuts a file
# A quoted text of so many further lines, all cut like rows, has likely swallowed them.
SWALLOWED = 3
MOST_IN_A_FIELD = 2**31 - 1  # the csv module's own limit is 131,072


def ending_of(path: AnyPath) -> str | None:
    """The one of `ENDINGS` that a file's name has, in small letters or capitals, or None."""
    whole = str(path).lower()
    name = whole.removesuffix(".gz")
    found = next((each for each in ENDINGS if name.endswith(each)), None)
    return None if found == ".parquet" and name != whole else found


def delimiter_of(path: AnyPath, encoding: str = "utf-8") -> str | None:
    """What cuts a file into columns: str, one character, or None.

    A `.csv` is cut by what its first line says (`sep=;`), or else by the one of tab, semicolon, bar
    and comma that is in its first row and as often in most of the next ones, of the first 200
    lines; what stands in quotes does not count. Of several, one that no space ever follows is
    taken, as text has a space behind a comma. Any other file is cut by tabs.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for text in another encoding, or a damaged gzip file.
    """
    lines = list(itertools.islice(read_lines(path, encoding), CUT_BY))
    first = lines[0] if lines else ""
    if ending_of(path) != ".csv":
        return "\t" if "\t" in first else None
    said = next((each for each in DELIMITERS if _says(first, each)), None)
    return said or _most_alike(lines)


def _says(line, delimiter):
    """Whether a file's first line is a spreadsheet's own, which says the delimiter."""
    return line.strip('"').lower() == f"sep={delimiter}"


def _most_alike(lines):
    """The delimiter that cuts most rows as it cuts the first; None where it cuts the first not."""
    parts = "\n".join(lines).split('"')
    rows = "".join(parts[::2]).split("\n")  # without what stands in quotes
    if len(parts) % 2 == 0 and len(rows) > 1:
        rows.pop()  # its quote closes further on
    rows = list(filter(None, rows))

    def likely(delimiter):
        count = rows[0].count(delimiter)
        alike = sum(row.count(delimiter) == count for row in rows)
        return alike, not any(f"{delimiter} " in row for row in rows)

    cuts = [each for each in DELIMITERS if rows and each in rows[0]]
    return max(cuts, key=likely, default=None)


def cut_of(path: AnyPath, encoding: str = "utf-8") -> dict[str, typing.Any]:
    """How a table is cut, as options of a reader: dict of `delimiter` and `quotes`.

    In a `.csv` quotes are quotes, in any other file letters. A `.csv` of one column has commas.

    Raises:
        FileNotFoundError, ValueError: as `delimiter_of`.
    """
    is_csv = ending_of(path) == ".csv"
    delimiter = delimiter_of(path, encoding) or ("," if is_csv else "\t")
    return {"delimiter": delimiter, "quotes": is_csv}


class Table:
    """A table in a file, plain or `.gz`, streamed at every use.

    Args:
        path: path of the file.
        delimiter: str, one character.
        encoding: str.
        header: bool, the first row names the columns; None to notice whether it does.
        quotes: bool, `"` is a quote: a field in quotes may hold delimiters, line breaks, and
            quotes that are doubled. Otherwise it is a letter as others are.
        check_quotes: bool, refuse a field in quotes that holds lines which look like rows.
        columns: list of str and int, those that are wanted, None for one that is not told.
        usual: list of str; a first row that has them all names its columns.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for an empty file, for a row that has not as many columns as the first or
            whose quotes do not close, for a column that is not there, for a first row that may
            name the columns or not, or as `read_lines`.
    """

    def __init__(
        self,
        path: AnyPath,
        delimiter: str,
        encoding: str,
        header: bool | None = None,
        quotes: bool = True,
        check_quotes: bool = True,
        columns: Sequence[int | str | None] = (),
        usual: Sequence[str] = (),
    ) -> None:
        if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"':
            raise ValueError(
                f"Expected a delimiter of one character; received {delimiter!r}. Give the one "
                "between the columns."
            )
        self.path = path
        self.delimiter = delimiter
        self.encoding = encoding
        self.quotes = quotes
        self.check_quotes = check_quotes
        self.width: int = 1
        self.spaced: bool = False
        _, first, _ = next(self._all_rows(read_lines(path, encoding)), (0, None, 0))
        if first is None:
            raise ValueError(
                f"Expected at least one row in {path}; received an empty file. Check how it was "
                "made."
            )
        self.width = len(first)
        self.spaced = any(field[:1] == " " for field in first[1:])  # rows as "1, a"
        self._check_delimiter(first, columns)
        named = any(isinstance(column, str) for column in columns)
        if named and header is False:
            raise ValueError(
                f"Expected columns by number with header=False; received {list(columns)} for "
                f"{path}. Count the columns from 0, or leave header out."
            )
        if header is None:
            told = named or (usual and {*usual} <= {name.strip() for name in first})
            header = told or self._holds_names(first, columns)
        self.names: list[str] | None = [name.strip() for name in first] if header else None

    def rows(self, watch: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Iterates over `(number, row)`: the row's number from 1, names counted, and its str.

        With `watch`, text that was once read in a wrong encoding is warned of at the end, and so
        is what `watched_rows` notices.

        Raises:
            ValueError: as the class, and for a row that names the columns again.
        """
        lines = read_lines(self.path, self.encoding)
        rows = self._all_rows(watched(lines, self.path) if watch else lines)
        if self.names:
            next(rows)
        if watch:
            rows = watched_rows(rows, self.path, self.quotes)
        for number, row, _ in rows:
            if row == self.names:
                raise ValueError(
                    f"Expected names of columns in row 1 of {self.path} alone; received "
                    f"{', '.join(map(repr, row))!s:.60} in row {number} again. Delete it, as of "
                    "files that were put together."
                )
            yield number, row

    def place(self, column: int | str) -> int:
        """The number of a column, by its name or number.

        Raises:
            ValueError: for a column that is not there.
        """
        if isinstance(column, str):
            names = self.names or []
            if names.count(column) != 1:
                raise ValueError(
                    f"Expected one column {column!r} in {self.path}; received columns named "
                    f"{', '.join(map(repr, names))}. Name one of them."
                )
            return names.index(column)
        whole = isinstance(column, Integral) and not isinstance(column, bool)
        if not whole or not 0 <= column < self.width:
            raise ValueError(
                f"Expected columns counted from 0, at most {self.width - 1} in {self.path}; "
                f"received {column!r}. Name columns of the file."
            )
        return column

    def places(self, columns: Sequence[int | str]) -> list[int]:
        """The numbers of columns that are apart, by their names or numbers.

        Raises:
            ValueError: for a column that is not there, or one that is named twice.
        """
        found = [*map(self.place, columns)]
        check_apart(found, self.path, self.names)
        return found

    def _all_rows(self, lines):
        """Yields each row's number, its fields, and how many rows a quote in it may have
        swallowed."""
        taken, begun, width = [], 1, None

        def feed():
            for number, line in enumerate(lines):
                taken.append(line)
                if number == 0 and _says(line, self.delimiter):
                    continue
                yield line.replace("\r", " ") + "\n"  # no line ends there

        csv.field_size_limit(MOST_IN_A_FIELD)
        quoting = csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE
        rows = csv.reader(feed(), delimiter=self.delimiter, strict=True, quoting=quoting)
        number = 0
        while True:
            begun += len(taken)
            taken.clear()
            number += 1
            where = f"row {number} of {self.path}, from line {begun} on"
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise ValueError(
                    f"Expected fields whose quotes open and close in {where}; received a stray "
                    f"quote ({error}). Mend it, or pass quotes=False if quotes are letters here."
                ) from error
            if not row:
                number -= 1
                continue
            width = width or len(row)
            if len(row) != width:
                raise ValueError(
                    f"Expected {width} columns, as in the first row, in {where}; received "
                    f"{len(row)}: {row!r:.80}. Mend the row"
                    + (", or put a text with a delimiter in quotes." if self.quotes else ".")
                )
            swallowed = self._swallowed(taken)
            if swallowed >= SWALLOWED:
                raise ValueError(
                    f"Expected a field in quotes to be one text in {where}; received one of "
                    f"{len(taken)} lines that look like rows. Mend the stray quote, pass "
                    "quotes=False if quotes are letters here, or check_quotes=False if it is right."
                )
            yield number, row, swallowed

    def _check_delimiter(self, first, columns):
        """Refuses one column, where more are wanted and another delimiter cuts it."""
        others = [each for each in ",;\t|" if each in first[0]]
        if len(first) == 1 and len(columns) > 1 and others:
            raise ValueError(
                f"Expected columns cut at {self.delimiter!r} in {self.path}; received a first row "
                f"of one: {first[0]!r:.60}. Pass delimiter={others[0]!r} if they are cut at that."
            )

    def _holds_names(self, first, columns):
        """Whether a first row names its columns: those that are wanted have the usual names."""
        places = [c for c in columns if isinstance(c, int) and 0 <= c < len(first)]
        wanted = [first[place] for place in places]
        found = holds_names(wanted)
        if found is None:
            raise in_doubt(self.path, ", ".join(map(repr, wanted)))
        return found

    def _swallowed(self, lines):
        """How many rows a stray quote in the first of a row's lines may have swallowed: of lines
        that all look like rows, those behind the first; else 0.

        A text of several lines has a space behind a comma, where a row that a program wrote has
        none.
        """
        if not self.check_quotes or len(lines) < 2 or self.width == 1:
            return 0
        rows = [line.split(self.delimiter) for line in lines]
        like = [
            len(row) == self.width
            and all(row)
            and (self.spaced or not any(field[0] == " " for field in row[1:]))
            for row in rows
        ]
        return len(lines) - 1 if all(like) else 0
