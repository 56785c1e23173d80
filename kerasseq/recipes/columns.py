"""The columns of a file of rows: what stands in each, and which are texts, labels or a pair."""

from __future__ import annotations

import itertools
import re
import typing
from collections.abc import Sequence

from kerasseq.data.column_names import holds_names, in_doubt
from kerasseq.data.numerals import decimal_commas, number_of
from kerasseq.data.records import json_lines, parquet_names, parquet_rows
from kerasseq.data.row_texts import NESTED
from kerasseq.data.tables import ENDINGS, Table, cut_of, delimiter_of, ending_of
from kerasseq.data.time_order import times_of

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

LOOKED_AT = 1000  # rows
TAG = re.compile(r"O|[BIESLU]-\S+")
IMAGE = re.compile(r"\S.*\.(png|jpe?g|gif|bmp|webp)", re.IGNORECASE)
LONGEST_LABEL = 40  # characters
MOST_LABELS = 200
# Columns that texts to learn from are hardly ever in, by their names.
PAIRS = [("source", "target"), ("src", "tgt"), ("source_text", "target_text")]


class Column(typing.NamedTuple):
    """A column.

    Attributes:
        key: str, its name; or int, its number from 0.
        kind: "text", "label", "labels" (lists of names), "value" (numbers to learn), "number"
            (other numbers), "tag" (of words), "image" (paths), "time", or "other".
        example: str, what stands there first.
    """

    key: str | int
    kind: str
    example: str


class Columns(typing.NamedTuple):
    """What a file of rows holds.

    Attributes:
        columns: list of Column.
        options: dict of arguments for the readers of such a file.
    """

    columns: list[Column]
    options: dict[str, typing.Any]


def look(
    path: AnyPath,
    encoding: str = "utf-8",
    header: bool | None = None,
    wanted: Sequence[str] = (),
) -> Columns | None:
    """Looks at the first 1,000 rows of a file; None for lines that are not cut into columns.

    `.jsonl` and `.parquet` are read by their names, other files as tables, cut by `delimiter_of`.

    Args:
        path: path of the file.
        encoding: str; Parquet has none.
        header: bool, whether a table's first row has names; None to find out.
        wanted: list of str, columns that are asked for, by name or number; a name tells that the
            first row has names.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for an empty or damaged file, or a table of which it cannot be told whether its
            first row has names.
    """
    ending = ending_of(path)
    if ending == ".jsonl":
        rows = [row for _, row in itertools.islice(json_lines(path, encoding), LOOKED_AT)]
        return Columns(_of_mappings(rows, path), {"encoding": encoding})
    if ending == ".parquet":
        rows = parquet_rows(path, parquet_names(path))
        return Columns(
            _of_mappings([row for _, row in itertools.islice(rows, LOOKED_AT)], path), {}
        )
    if str(path).lower().endswith(".json"):
        raise ValueError(
            f"Expected a table in {', '.join(ENDINGS)}, or lines of text; received {path}. Write "
            "its objects one a line into a .jsonl, as to_json(orient='records', lines=True) of "
            "pandas does."
        )
    if delimiter_of(path, encoding) is None:
        return None
    options = {**cut_of(path, encoding), "encoding": encoding}
    table = Table(path, header=False, **options)
    rows = [row for _, row in itertools.islice(table.rows(), LOOKED_AT)]
    below = rows[1:] or rows
    rest = [_column(place, column) for place, column in enumerate(zip(*below, strict=True))]
    if header is None:
        named = not all(map(str.isdigit, wanted))
        header = named or _has_names(rows[0], rest, rows[1:], path)
    if header:
        names = [name.strip() for name in rows[0]]
        columns = [each._replace(key=names[each.key]) for each in rest]
    else:
        columns = [_column(place, column) for place, column in enumerate(zip(*rows, strict=True))]
    return Columns(columns, options | {"header": header})


def choose_pair(columns: Sequence[Column]) -> tuple[str | int, str | int] | None:
    """The columns of a text and its translation; None where no two are texts.

    Those that are called source and target, or else the first two texts.
    """
    texts = [each.key for each in columns if each.kind == "text"]
    lowered = {str(key).lower(): key for key in texts}
    for names in PAIRS:
        if set(names) <= set(lowered):
            return tuple(lowered[name] for name in names)
    return tuple(texts[:2]) if len(texts) > 1 else None


def choose_labelled(
    columns: Sequence[Column],
) -> tuple[list[str | int], str | int] | None:
    """The columns of texts, one or two, and of their label; None where there is no label."""
    texts = [each.key for each in columns if each.kind == "text"]
    for kind in ("label", "labels", "value"):
        labels = [each.key for each in columns if each.kind == kind]
        named = [key for key in labels if str(key).lower() in ("label", "labels", "class")]
        if len(named or labels) == 1 and 0 < len(texts) < 3:
            return texts, (named or labels)[0]
    return None


def pair_columns(path: AnyPath, encoding: str = "utf-8") -> tuple[str | int, str | int]:
    """The columns of a text and its translation in a table, as `kerasseq new` finds them.

    Args:
        path: path of a file, as `look` takes it.
        encoding: str.

    Returns:
        the source's column and the target's; where it cannot be told, the first two of a table,
        and else `source` and `target`.

    Raises:
        FileNotFoundError, ValueError: as `look`.
    """
    found = look(path, encoding)
    named = ending_of(path) in (".jsonl", ".parquet")
    return (choose_pair(found.columns) if found else None) or (
        ("source", "target") if named else (0, 1)
    )


def labelled_columns(path: AnyPath, encoding: str = "utf-8") -> list[str | int]:
    """The columns of a text and its label in a table that a reader's defaults do not fit.

    Args:
        path: path of a file, as `look` takes it.
        encoding: str.

    Returns:
        list of the text's column and the label's; empty where a reader finds them by itself, as
        `text` and `label`, or where it cannot be told which they are.

    Raises:
        FileNotFoundError, ValueError: as `look`.
    """
    found = look(path, encoding)
    if found is None or {"text", "label"} <= {each.key for each in found.columns}:
        return []
    texts, label = choose_labelled(found.columns) or ([], None)
    return [*texts, label] if len(texts) == 1 else []


def _of_mappings(rows, path):
    if not rows:
        raise ValueError(f"Expected at least one row in {path}; received none. Check the file.")
    if isinstance(rows[0].get(NESTED), dict):
        rows = [row | (row.get(NESTED) or {}) for row in rows]
        rows = [{key: each for key, each in row.items() if key != NESTED} for row in rows]
    return [_column(key, [row.get(key) for row in rows]) for key in rows[0]]


def _column(key, values):
    """What kind of column it is, by its values."""
    values = [each for each in values if each is not None]
    example = str(values[0]) if values else ""
    if values and all(isinstance(each, list) for each in values):
        of_names = all(isinstance(name, str) for each in values for name in each)
        return Column(key, "labels" if of_names else "other", example)
    if not values or not all(isinstance(each, str | int | float) for each in values):
        return Column(key, "other", example)
    texts = [str(each).strip() for each in values]
    distinct, numbers = set(texts), [_number(text) for text in texts]
    if "O" in distinct and len(distinct) > 1 and all(map(TAG.fullmatch, distinct)):
        return Column(key, "tag", example)
    if all(map(IMAGE.fullmatch, distinct)):
        return Column(key, "image", example)
    if len(distinct) > 1 and times_of(texts):
        return Column(key, "time", example)
    if decimal_commas(texts):
        return Column(key, "value", example)
    several = 1 < len(distinct) <= max(2, min(MOST_LABELS, len(texts) // 5))
    if all(number is not None for number in numbers):
        fractions = any(not float(number).is_integer() for number in numbers)
        return Column(key, "label" if several and not fractions else
                      "value" if fractions else "number", example)  # fmt: skip
    if several and max(map(len, distinct)) <= LONGEST_LABEL:
        return Column(key, "label", example)
    return Column(key, "text" if len(distinct) > 1 or len(texts) == 1 else "other", example)


def _of_another_kind(name, kind):
    """Whether a column's first cell is no tag, image or time, as those below it are."""
    fits = {"tag": TAG.fullmatch, "image": IMAGE.fullmatch, "time": lambda each: times_of([each])}
    return kind in fits and not fits[kind](name.strip())


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def _has_names(first, rest, rows, path):
    """Whether a first row names the columns: by its words, or since no row below has their like."""
    found = holds_names(first)
    if found:
        return True
    for column, name in zip(rest, first, strict=True):
        below = {row[column.key].strip() for row in rows}
        strange = column.kind == "label" and len(rows) > 3 and name.strip() not in below
        numbers = bool(below) and all(number_of(each) is not None for each in below)
        if strange or (numbers and number_of(name) is None) or _of_another_kind(name, column.kind):
            return True
    if found is None:
        raise in_doubt(path, ", ".join(map(repr, first)))
    return False
