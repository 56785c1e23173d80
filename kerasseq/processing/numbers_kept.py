"""Numbers of a source that must stand in its translation."""

from __future__ import annotations

import re
import typing

import numpy as np

from kerasseq.processing.aligned_units import looks_at

NUMBER = re.compile(r"\d+(?:[-.,:/]\d+)*")
MOST = 0.6  # of a word's attention, by which it is a number in words
LEAST = 0.1  # of it, by which it is that of another word too


def keep_numbers(
    read: typing.Sequence[str], written: typing.Sequence[str], weights: np.ndarray
) -> tuple[list[str | None], list[int]]:
    """Writes the numbers of a source over those that a model wrote in their place.

    A number that stands in both is kept, however languages part its digits. One that does not is
    written over what looks at it: a number (or what else begins with a digit, as "33s") that is not
    in the source, with those beside it that look there too; or a word that looks at little else, as
    "five" does at 5, and is that of no other word.

    Args:
        read, written: lists of str, the words, numbers and marks of the source and of the
            translation.
        weights: float array `(written, read)`, what they look at.

    Returns:
        what is written, None where nothing is any more; and list of int, the places of the source's
        numbers that still are not.
    """
    found: list[str | None] = [*written]
    free = [
        place for place, each in enumerate(written)
        if NUMBER.fullmatch(each) or (each[:1].isdigit() and each not in read)
    ]  # fmt: skip
    missing = []
    for place, number in enumerate(read):
        if not NUMBER.fullmatch(number):
            continue
        same = [each for each in free if value(written[each]) == value(number)]
        if same:
            free.remove(max(same, key=lambda each, place=place: weights[each, place]))
        else:
            missing.append(place)
    looks = looks_at(weights)
    nowhere = []
    for place in missing:
        run = max(_runs([each for each in free if looks[each] == place]), key=len, default=[])
        words = [each for each, unit in enumerate(found) if unit and unit[0].isalpha()]
        if words and not run:
            most = max(words, key=lambda each, place=place: weights[each, place])
            mine = weights[most, place] > MOST and not _looked_at(most, place, read, weights)
            run = [most] if mine else []
        if not run:
            nowhere.append(place)
            continue
        found[run[0]] = read[place]
        for each in run[1:]:
            found[each] = None
        free = [each for each in free if each not in run]
    return found, nowhere


def _looked_at(unit, place, read, weights):
    """Whether a written word is that of another word of the source, which no other one looks at
    more."""
    own = np.flatnonzero((weights.argmax(axis=0) == unit) & (weights[unit] > LEAST))
    return any(other != place and read[other][0].isalpha() for other in own)


def value(number: str) -> tuple[str, ...]:
    """What makes two numbers alike: "1,234.50" and "1.234,50", "3,5" and "3.5"; not "35"."""
    groups, marks = re.split(r"\D", number), re.findall(r"\D", number)
    behind = groups[-1:] if len(set(marks)) > 1 else []
    whole = groups[: len(groups) - len(behind)]
    if set(marks[: len(whole) - 1]) <= {",", "."} and all(len(each) == 3 for each in whole[1:]):
        whole = ["".join(whole)]
    return (*whole, *behind)


def _runs(places):
    """Ascending numbers as lists of those that follow each other."""
    found = []
    for place in places:
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found
