"""What a callback remembers, as JSON values and arrays: nothing that runs when it is read."""

from __future__ import annotations

import math
import typing

import numpy as np

if typing.TYPE_CHECKING:
    import keras

PLAIN = (bool, int, str, type(None))
Arrays: typing.TypeAlias = dict[str, np.ndarray]


class NotHeld(Exception):
    """A value that is neither numbers, texts and arrays nor made of them."""


def remembered(
    callback: keras.callbacks.Callback, name: str
) -> dict[str, tuple[typing.Any, Arrays]]:
    """A callback's attributes that are numbers, texts, arrays, or lists, tuples and dicts of them.

    What else it has (its model, files, functions) it is made with, and is left out; so are the
    attributes that its `not_resumed` names, such as a clock's.

    Args:
        callback: keras.callbacks.Callback.
        name: str, which the arrays' names begin with.

    Returns:
        dict from names to pairs of a JSON value and the arrays that it names.
    """
    found = {}
    for attribute, value in vars(callback).items():
        if attribute not in ("params", *getattr(callback, "not_resumed", ())):
            arrays: Arrays = {}
            try:
                found[attribute] = encode(value, arrays, f"{name}.{attribute}."), arrays
            except NotHeld:
                continue
    return found


def changed(
    before: dict[str, tuple[typing.Any, Arrays]], after: dict[str, tuple[typing.Any, Arrays]]
) -> dict[str, tuple[typing.Any, Arrays]]:
    """The attributes of `after` that differ from those of `before`: what was not set by hand."""
    return {name: each for name, each in after.items() if not _alike(before.get(name), each)}


def restore(
    callback: keras.callbacks.Callback, found: dict[str, typing.Any], arrays: Arrays
) -> None:
    """Sets a callback's attributes.

    Args:
        callback: keras.callbacks.Callback.
        found: dict from names to JSON values.
        arrays: dict of the arrays that these name.
    """
    for name, value in found.items():
        setattr(callback, name, decode(value, arrays))


def _alike(first, second):
    if first is None or first[0] != second[0] or first[1].keys() != second[1].keys():
        return False
    return all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes()
        for a, b in zip(first[1].values(), second[1].values(), strict=True)
    )


def encode(value: object, arrays: Arrays, name: str) -> typing.Any:
    """A JSON value: plain values as they are, others as `{kind: …}`.

    Args:
        value: object.
        arrays: dict that arrays are added to.
        name: str, which their names begin with.

    Raises:
        NotHeld: for anything else.
    """
    if type(value) in PLAIN:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, np.ndarray | np.generic) and np.asarray(value).dtype.kind in "biuf":
        key = f"{name}{len(arrays)}"
        arrays[key] = np.array(value)
        return {"array" if isinstance(value, np.ndarray) else "scalar": key}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(each, arrays, name) for each in value]}
    if type(value) is dict:
        pairs = [
            [encode(key, arrays, name), encode(each, arrays, name)] for key, each in value.items()
        ]
        return {"dict": pairs}
    raise NotHeld


def decode(value: typing.Any, arrays: Arrays) -> typing.Any:
    """What `encode` was given."""
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "float":
        return float(held)
    if kind == "array":
        return arrays[held].copy()
    if kind == "scalar":
        return arrays[held][()]
    if kind == "dict":
        return {decode(key, arrays): decode(each, arrays) for key, each in held}
    return {"list": list, "tuple": tuple}[kind](decode(each, arrays) for each in held)
