"""Attention between the words, numbers and marks of two texts, from that between their tokens."""

from __future__ import annotations

import re
import typing

import numpy as np

from kerasseq.text.word_tokenizer import JOINER

if typing.TYPE_CHECKING:
    from numpy.typing import ArrayLike

# A word, a number, or a mark; as a mark what HTML writes for one, such as &apos;
UNIT = re.compile(r"&(?:\w+|#\w+);|\w+(?:[-'’.,:/]\w+)*|[^\w\s]")
PIECES = ("▁", "##", "@@", "Ġ", JOINER)  # what marks the edges of words in tokens


def unit_of_tokens(
    text: str, units: typing.Sequence[tuple[int, int]], tokens: typing.Iterable[str]
) -> list[int]:
    """The unit in which each token of a text lies: a list of int, -1 for none.

    A token is looked for behind the one before it, as it is written or in lower case.

    Args:
        text: str.
        units: list of `(start, end)`, of its units.
        tokens: list of str; the marks of pieces are taken off.
    """
    lowered, cursor, lost, found = text.lower(), 0, 0, []
    if len(lowered) != len(text):
        lowered = text
    ends = [end for _, end in units]
    for token in tokens:
        for mark in PIECES:
            token = token.removeprefix(mark).removesuffix(mark)
        place = text.find(token, cursor)
        if place < 0:
            place = lowered.find(token.lower(), cursor)
        # What is further away than what was not found is another word.
        near = place >= 0 and len(UNIT.findall(text, cursor, place)) <= 1 + lost
        if token and near:
            unit, lost = int(np.searchsorted(ends, place, side="right")), 0
            cursor = place + len(token)
        else:
            unit, lost = int(np.searchsorted(ends, cursor, side="right")), lost + bool(token)
        found.append(unit if token and unit < len(units) else -1)
    return found


def between_units(
    attention: ArrayLike,
    rows: typing.Sequence[int],
    columns: typing.Sequence[int],
    targets: int,
    sources: int,
) -> np.ndarray:
    """The attention between units: the mean of what tokens pay, the sum of what they receive.

    Args:
        attention: float array `(≥ tokens, ≥ source tokens)`.
        rows, columns: lists of int, the unit of each token; see `unit_of_tokens`.
        targets, sources: int, how many units there are.

    Returns:
        float32 array `(targets, sources)`.
    """
    attention = np.asarray(attention, "float32")[: len(rows), : len(columns)]
    pays = np.zeros((targets, attention.shape[0]), "float32")
    for token, unit in enumerate(rows[: attention.shape[0]]):
        if unit >= 0:
            pays[unit, token] = 1.0
    pays /= np.maximum(pays.sum(axis=1, keepdims=True), 1.0)
    receives = np.zeros((attention.shape[1], sources), "float32")
    for token, unit in enumerate(columns[: attention.shape[1]]):
        if unit >= 0:
            receives[token, unit] = 1.0
    return pays @ attention @ receives


def looks_at(weights: np.ndarray) -> np.ndarray:
    """The source unit that each target unit pays most attention to: int `(targets,)`, 0 for a
    source without any."""
    return np.argmax(weights, axis=1) if weights.size else np.zeros(len(weights), "int64")
