"""An answer found in a text."""

import typing


class Answer(typing.NamedTuple):
    """A stretch of a context.

    Attributes:
        text: str, the answer as it stands there; "" for no answer.
        score: float, by how much its logits are above those of no answer, in nats.
        start: int, its first character in the normalised context; 0 for no answer.
    """

    text: str
    score: float
    start: int


def read_answer(context, parts, spans, threshold):
    """The best answer of all parts of one context.

    Args:
        context: list of str, the context cut in units.
        parts: list of Window.
        spans: list of arrays of first position, last position and score, one a part.
        threshold: float, an answer with a lower score is none; None to take any.
    """
    part, (first, last, score) = max(zip(parts, spans, strict=True), key=lambda pair: pair[1][2])
    if not part.units or (threshold is not None and score < threshold):
        return Answer("", float(score), 0)
    begin, end = (part.units[int(place) - part.start] for place in (first, last))
    text = "".join(context[begin : end + 1])
    start = len("".join(context[:begin])) + len(text) - len(text.lstrip())
    return Answer(text.strip(), float(score), start)
