"""As many answers stream at a time as workers run, whoever leaves."""

import asyncio
import json
import warnings

import numpy as np
import pytest

from kerasseq.processing import Spans, Translation, Translations
from kerasseq.processing.answering import warn_cut
from kerasseq.processing.glossary import warn_missing
from kerasseq.serving import Limits, connections, run
from kerasseq.serving.bad_request import BadRequest
from kerasseq.serving.predict import Question
from kerasseq.serving.streaming import Streams


class Task:
    """Writes two words, or for ever, or fails."""

    def stream(self, line):
        yield "one"
        if line == "fails":
            raise IndexError("a fault within")
        if line == "wrong":
            raise ValueError("Expected another line.")
        while line == "for ever":
            yield "one more"
        return Translation("one", -0.5, [], [], None)


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


@pytest.mark.parametrize(
    ("line", "said", "seconds"),
    [
        ("fails", "its log says why", 60),
        ("wrong", "Expected another line.", 60),
        ("for ever", "Gave up after 0.2 seconds", 0.2),
    ],
)
def test_whatever_goes_wrong_is_told_by_an_event(line, said, seconds, caplog):
    streams, sent = Streams(Task(), Limits(workers=1, seconds=seconds)), []

    async def send(message):
        sent.append(message)

    answer = streams.answer(question(line))
    asyncio.run(answer({"type": "http", "asgi": {}}, asyncio.Event().wait, send))
    events = b"".join(each.get("body", b"") for each in sent).decode().strip().split("\n\n")
    assert said in json.loads(events[-1].removeprefix("data: "))["error"]
    assert streams.free == 1
    assert ("a fault within" in caplog.text) == (line == "fails")


def test_what_an_answer_says_fills_no_log(monkeypatch):
    def served(server):
        warn_cut(["a b"], [1], Translations, "inputs of at most 2 tokens")
        warn_cut(["a b"], [True], Spans, "questions of at most 2 tokens")
        warn_missing("a b", ["c"])
        warnings.warn("something else", stacklevel=1)

    monkeypatch.setattr(connections.uvicorn.Server, "run", served)
    with pytest.warns(UserWarning) as said:
        run(None, "127.0.0.1", 0, Limits())
    assert [str(each.message) for each in said] == ["something else"]
