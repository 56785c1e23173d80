"""What one request may ask for."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """The most that a request may be; what is more gets an answer of one sentence.

    Attributes:
        body: int, bytes of a request.
        text: int, characters of one string.
        batch: int, rows of a request.
        seconds: float, from a request's begin, after which it is given up.
    """

    body: int = 1 << 20
    text: int = 10_000
    batch: int = 64
    seconds: float = 30.0
