"""The texts of a row that a data set gives as a mapping from columns to texts."""

from __future__ import annotations

import typing
from collections.abc import Mapping

NESTED = "translation"  # the column in which data sets of translations keep a mapping


def texts_of_row(
    row: typing.Any, columns: tuple[str | None, ...], where: str, how: str
) -> typing.Any:
    """The texts of a mapping, by its keys; what is no mapping comes back as it is.

    Args:
        row: mapping from columns to texts, which may stand in another under "translation"; or
            else.
        columns: tuple of str, the keys; of None where none are told.
        where: str, what messages call the row.
        how: str, what messages say to give for the columns.

    Returns:
        tuple of the values; or `row`.

    Raises:
        ValueError: for a mapping without the keys, or columns for what is no mapping.
    """
    told = any(column is not None for column in columns)
    if not isinstance(row, Mapping):
        if told:
            raise ValueError(
                f"Expected a mapping with the keys {', '.join(map(repr, columns))} as {where}; "
                f"received {row!r:.60} ({type(row).__name__}). Leave the columns out, or give rows "
                "that have them."
            )
        return row
    inner = row.get(NESTED)
    if isinstance(inner, Mapping) and any(column not in row for column in columns):
        row = {**inner, **row}
    if not told or any(column not in row for column in columns):
        wanted = ", ".join(map(repr, columns)) if told else "names of its columns"
        raise ValueError(
            f"Expected {wanted} for a row that is a mapping; received one with "
            f"{', '.join(map(repr, row))} as {where}. Give {how} by keys that it has."
        )
    return tuple(row[column] for column in columns)
