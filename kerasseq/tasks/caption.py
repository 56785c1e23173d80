"""One hypothesis of a captioner."""

import typing


class Caption(typing.NamedTuple):
    """One hypothesis.

    Attributes:
        text: str.
        score: float, as the search defines it.
        tokens: list of str, the end symbol last when it was reached.
        attention: float array `(tokens, h, w)` over the cells of the picture, or None.
    """

    text: str
    score: float
    tokens: list
    attention: typing.Any
