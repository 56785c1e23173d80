"""One label of a text, or the tags of a sentence."""

import typing


class Label(typing.NamedTuple):
    """A label and how sure the model is.

    Attributes:
        text: str, the label.
        score: float, its probability.
    """

    text: str
    score: float
