"""An answer as server-sent events, while it is written."""

import asyncio
import json

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse

from kerasseq.processing import Glossary
from kerasseq.serving.bad_request import BadRequest, told

SIGNATURES = ("serving_default", "complete", "with_glossary")


class Streams:
    """Answers single rows with the saved task that a SavedModel was exported from.

    Each event is a JSON object: `translation`, what stands for sure so far, and `done`, true for
    the last, which has the whole one again and what else the signature answers; or `error`, one
    sentence.

    Args:
        task: Translator, or None, which refuses every question.
        limits: Limits; as many streams as workers run at a time.
    """

    def __init__(self, task, limits):
        self.task = task
        self.limits = limits
        self.free = limits.workers

    def answer(self, question):
        """The StreamingResponse to a Question.

        Raises:
            BadRequest: for a signature whose answers do not grow, without a task, or with status
                503 when too many stream.
        """
        if self.task is None or question.signature not in SIGNATURES:
            raise BadRequest(
                'Expected "stream" with a saved translator that is served, and a signature_name of '
                f"{', '.join(SIGNATURES)}; received {question.signature!r:.60} of "
                f"{'one' if self.task else 'a SavedModel'}. Serve the translator's folder."
            )
        if not self.free:
            raise BadRequest(f"{self.limits.workers} answers stream: ask again later.", 503)
        given = {name: array[0].decode("utf-8", "replace")
                 for name, array in question.tensors.items()}  # fmt: skip
        line = given.pop("text")
        if "glossary" in given:
            try:
                given["glossary"] = Glossary.parse(given["glossary"])
            except ValueError as error:
                raise BadRequest(str(error)) from error
        self.free -= 1
        return Events(self._events(line, given), self._end)

    def _end(self):
        self.free += 1

    async def _events(self, line, given):
        try:
            async with asyncio.timeout(self.limits.seconds):
                async for values in iterate_in_threadpool(written(self.task, line, given)):
                    yield event(**values)
        except Exception as error:
            yield event(error=str(told(error, self.limits.seconds)))


class Events(StreamingResponse):
    """Server-sent events.

    Args:
        events: asynchronous iterable of str.
        end: function, called when they were sent or nobody reads them any more.
    """

    def __init__(self, events, end):
        super().__init__(events, media_type="text/event-stream")
        self.end = end

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.end()


def written(task, line, given):
    """Yields the values of each event: dicts."""
    text, best = "", None

    def texts():
        nonlocal best
        best = yield from task.stream(line, **given)

    for text in texts():
        yield {"translation": text, "done": False}
    last = {"score": best.score, "finished": best.finished, "truncated": best.truncated}
    if "glossary" in given:  # as a SavedModel writes them
        last["missing"] = "\n".join(best.missing or [])
    yield {"translation": text, **last, "done": True}


def event(**values):
    """A server-sent event of JSON values."""
    return f"data: {json.dumps(values, ensure_ascii=False)}\n\n"
