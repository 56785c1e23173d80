"""The limits of one request."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """The limits of a request; a larger one is refused with a sentence.

    Attributes:
        body: int, bytes of a request.
        text: int, characters of one string.
        batch: int, rows of a request.
        seconds: float, the time from a request's begin to its answer.
    """

    body: int = 1 << 20
    text: int = 10_000
    batch: int = 64
    seconds: float = 30.0
