"""The two parts of a corpus: drawn by a seed, of every label alike, equal texts together."""

from __future__ import annotations

import itertools
import random
import typing
from collections.abc import Iterable, Sequence

from kerasseq.text.checks import is_number


def check_share(share: object) -> None:
    """Refuses what is no share of rows to hold out.

    Raises:
        ValueError: for no number above 0 and below 1.
    """
    if not is_number(share) or not 0 < share < 1:
        raise ValueError(
            f"Expected a share to hold out, above 0 and below 1; received {share!r}. Give 0.1 for "
            "a tenth."
        )


def split_rows(
    count: int,
    share: float,
    seed: int,
    strata: Sequence[typing.Any] | None = None,
    groups: Sequence[int] | None = None,
) -> tuple[list[int], list[int]]:
    """Draws the rows of two parts.

    Args:
        count: int, rows.
        share: float above 0 and below 1, of the rows that the second part takes.
        seed: int.
        strata: list of `count` that can be sorted: the second part takes its share of each. One
            that a single row, or group, has stays in the first part.
        groups: list of `count`, rows of one group stay in one part; None for every row alone.

    Returns:
        two lists of int, the rows of each part, in an order that the seed draws.

    Raises:
        ValueError: for another share, or when a part stays empty.
    """
    check_share(share)
    share, members = float(share), {}
    for row in range(count):
        members.setdefault(row if groups is None else groups[row], []).append(row)
    drawn = random.Random(seed)
    units = list(members.values())
    drawn.shuffle(units)

    def stratum(rows):
        return strata[rows[0]] if strata else 0

    parts = [], []
    due = 0.5  # rows that the second part is owed, rounded
    for _, several in itertools.groupby(sorted(units, key=stratum), key=stratum):
        several = list(several)
        for rows in several:
            due += share * len(rows) if len(several) > 1 else 0
            takes = len(several) > 1 and due >= len(rows)
            due -= len(rows) if takes else 0
            parts[takes].extend(rows)
    if not all(parts):
        raise ValueError(
            f"Expected rows for both parts; received {count} rows in {len(units)} groups, of which "
            f"a share of {share} holds out {len(parts[1])}. Add rows, or change the share."
        )
    for part in parts:
        drawn.shuffle(part)
    return parts


def groups_of_texts(rows: Iterable[tuple[str, ...]]) -> list[int]:
    """Numbers the groups of rows that share a text, on any side, directly or by way of others.

    Args:
        rows: iterable of tuples of str; the same str in two places of a row are two texts.

    Returns:
        list of int, the group of each row.
    """
    parent, owner = [], {}

    def root(row):
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for row, texts in enumerate(rows):
        parent.append(row)
        for key in enumerate(texts):
            parent[root(owner.setdefault(key, row))] = root(row)
    return [root(row) for row in range(len(parent))]
