"""As many answers stream at a time as workers run, whoever leaves."""

import asyncio

import numpy as np
import pytest

from kerasseq.serving import Limits
from kerasseq.serving.bad_request import BadRequest
from kerasseq.serving.predict import Question
from kerasseq.serving.streaming import Streams


class Task:
    """Writes two words, or for ever."""

    def stream(self, line):
        yield "one"
        while line == "for ever":
            yield "one more"


def question(line):
    return Question("serving_default", {"text": np.array([line.encode()])}, True)


def test_an_answer_counts_from_the_question_to_its_end():
    streams = Streams(Task(), Limits(workers=1))
    first = streams.answer(question("for ever"))
    with pytest.raises(BadRequest, match="1 answers stream") as refused:
        streams.answer(question("one"))  # the first has not begun
    assert refused.value.status == 503
    sent = []

    async def leave():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(asyncio.wait_for(first({"type": "http", "asgi": {}}, leave, send), 10))
    assert streams.free == 1
    second = streams.answer(question("one"))
    asyncio.run(second({"type": "http", "asgi": {}}, asyncio.Event().wait, send))
    assert b'"done": true' in b"".join(each.get("body", b"") for each in sent)
    assert streams.free == 1
