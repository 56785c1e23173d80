"""The limits of a server."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """The limits of requests and connections; what is beyond them is refused with a sentence.

    Attributes:
        body: int, bytes of a request.
        text: int, characters of one string.
        batch: int, rows of a request.
        seconds: float, the time from a request's begin to its answer. Work for clients that no
            longer wait is not begun.
        together: int, rows of several clients' requests that are answered at once; 1 for each
            request alone.
        delay: float, seconds that a request waits for others while a worker is free.
        workers: int, threads that answer with the one model in memory.
        waiting: int, requests that wait for a worker; more are refused with 503.
        idle: float, seconds that a connection may take for the head of a request, say nothing, or
            leave an answer unread.
        connections: int, open at once; more are refused with 503.
    """

    body: int = 1 << 20
    text: int = 10_000
    batch: int = 64
    seconds: float = 30.0
    together: int = 64
    delay: float = 0.0
    workers: int = 2
    waiting: int = 1000
    idle: float = 10.0
    connections: int = 2000
