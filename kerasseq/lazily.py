"""Keras and TensorFlow, imported where a name of theirs is first used.

What a task is can be looked up, subclassed and documented without the seconds that they take.
"""

from __future__ import annotations

import importlib
import typing


class Lazily:
    """A module that is imported when an attribute of it is asked for.

    Args:
        name: str, the module's.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> typing.Any:
        return getattr(importlib.import_module(self._name), attribute)


if typing.TYPE_CHECKING:
    import keras as keras
    import tensorflow as tf
    from keras import ops as ops
else:
    keras, ops, tf = map(Lazily, ("keras", "keras.ops", "tensorflow"))
