"""What a label is: a name, several names, or a value."""

from __future__ import annotations

import collections
import math
import typing
import warnings
from collections.abc import Iterable, Sequence
from numbers import Integral, Real

import numpy as np

from kerasseq.text.checks import read_text
from kerasseq.text.normalize import normalize


def kept_label(label: typing.Any, where: str = "") -> str | float | list[str]:
    """A label as it is held: a str, cleaned as texts are, a float, or a sorted list of different
    str; `where` names it.

    Raises:
        ValueError: for what is no label.
    """
    if isinstance(label, str | bytes):
        name = normalize(read_text(label, where))
        if not name:
            raise ValueError(
                f"Expected a label; received an empty one, {label!r}"
                f"{f', as {where}' if where else ''}. Name it, or drop its text."
            )
        return name
    if isinstance(label, Integral) and not isinstance(label, bool):
        return str(int(label))
    if isinstance(label, Real) and not isinstance(label, bool) and math.isfinite(label):
        return float(label)
    if isinstance(label, list | tuple | set | frozenset | np.ndarray):
        names = [kept_label(name, where) for name in label]
        if all(isinstance(name, str) for name in names):
            return sorted(set(names))
    raise ValueError(
        f"Expected labels of str, int or finite float, or lists of str; received {label!r:.60}"
        f"{f' as {where}' if where else ''} ({type(label).__name__}). Give each its name."
    )


def warn_of_alike(names: Iterable[str], what: str = "labels") -> None:
    """Warns of names that differ in capitals alone: two labels, where one was likely meant."""
    by_letters = collections.defaultdict(list)
    for name in names:
        by_letters[name.casefold()].append(name)
    alike = next((each for each in by_letters.values() if len(each) > 1), None)
    if alike:
        warnings.warn(
            f"Expected {what} that differ in more than capitals; received "
            f"{' and '.join(map(repr, alike))}. Write them alike if they are one.",
            stacklevel=3,
        )


def rank(name: str) -> tuple[int, int, str]:
    """What a label is sorted by."""
    try:
        return 0, int(name), name
    except ValueError:
        return 1, 0, name


def names_of(label: str | float | list[str]) -> list[str]:
    """The names in a label: a list of str, empty for a value."""
    if isinstance(label, float):
        return []
    return [label] if isinstance(label, str) else label


def label_target(label: str | float | list[str], numbers: dict[str, int]) -> typing.Any:
    """What a model learns of a label.

    Args:
        label: str, list of str, or float.
        numbers: dict from `L` names to their numbers.

    Returns:
        int32 scalar, float32 `(L,)` of 0 and 1, or float32 `(1,)`.
    """
    if isinstance(label, float):
        return np.float32([label])
    if isinstance(label, str):
        return np.int32(numbers[label])
    row = np.zeros(len(numbers), "float32")
    row[[numbers[name] for name in label]] = 1.0
    return row


def first_is_strange(labels: Sequence[typing.Any]) -> bool:
    """Whether the first label occurs once, and every other again and again."""
    counts = collections.Counter(map(str, labels))
    return (
        len(labels) > 3
        and [n for name, n in counts.items() if n == 1] == [1]
        and counts[str(labels[0])] == 1
    )
