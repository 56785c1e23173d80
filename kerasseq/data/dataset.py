"""The three parts of a data set."""

import dataclasses
import typing

NAMED = ("numbers", "multi30k", "tatoeba", "dialogsum")  # that `load` knows


@dataclasses.dataclass(frozen=True)
class Dataset:
    """The three parts of a data set, and where it comes from.

    Attributes:
        train, validation, test: ParallelText or CaptionedImages.
        attribution: str.
    """

    train: typing.Any
    validation: typing.Any
    test: typing.Any
    attribution: str
