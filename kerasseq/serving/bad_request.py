"""What is said to a client whose request is not answered."""

import logging

LOG = logging.getLogger("kerasseq.serving")


class BadRequest(ValueError):
    """An error in a request: a sentence for its sender, and the HTTP status.

    Args:
        sentence: str.
        status: int.
    """

    def __init__(self, sentence, status=400):
        super().__init__(sentence)
        self.status = status


class TooLate(BadRequest):
    """A request that took longer than it may."""


def told(error, seconds):
    """The BadRequest that a request's sender is told of an error.

    Args:
        error: Exception.
        seconds: float, the time that the request had.

    Returns:
        BadRequest: TooLate for a TimeoutError; with status 500 for a fault of the server's, which
        its log has.
    """
    if isinstance(error, BadRequest):
        return error
    if isinstance(error, ValueError):
        return BadRequest(str(error))
    if isinstance(error, TimeoutError):
        return TooLate(f"Gave up after {seconds:g} seconds: ask for less.", 503)
    LOG.error("a prediction failed", exc_info=error)
    return BadRequest("The server could not answer this request; its log says why.", 500)
