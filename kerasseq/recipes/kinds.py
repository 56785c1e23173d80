"""The kinds of values that a recipe has, in words and as tests."""

from __future__ import annotations

import typing


class Kind(typing.NamedTuple):
    """The kind of a value, in words and as a test: a function from the value to a bool."""

    words: str
    fits: typing.Callable


TEXT = Kind("text", lambda value: isinstance(value, str))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
WHOLE = Kind("a whole number of at least 0", lambda value: type(value) is int and value >= 0)
COUNT = Kind("a whole number of at least 1", lambda value: type(value) is int and value >= 1)
NUMBER = Kind("a number of at least 0", lambda value: type(value) in (int, float) and value >= 0)
ABOVE = Kind("a number above 0", lambda value: type(value) in (int, float) and value > 0)
SHARE = Kind("a share above 0, at most 1", lambda value: ABOVE.fits(value) and value <= 1)
PART = Kind("a share of at least 0, below 1", lambda value: NUMBER.fits(value) and value < 1)
TEXTS = Kind(
    "a list of texts",
    lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
)
NUMBERS = Kind(
    "a list of numbers above 0",
    lambda value: isinstance(value, list) and all(ABOVE.fits(each) for each in value),
)
PATHS = Kind("a path, or a list of paths", lambda value: TEXT.fits(value) or TEXTS.fits(value))
COLUMNS = Kind(
    "a list of names or of whole numbers from 0",
    lambda value: (
        isinstance(value, list) and all(TEXT.fits(each) or WHOLE.fits(each) for each in value)
    ),
)
TOO_LONG = Kind("drop or truncate", lambda value: value in ("drop", "truncate"))
HEAD = Kind('"new"', lambda value: value == "new")
LABELS = Kind(
    "single_label, multi_label or regression",
    lambda value: value in ("single_label", "multi_label", "regression"),
)
