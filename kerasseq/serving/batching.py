"""Requests of several clients, answered together."""

import asyncio
import collections
import concurrent.futures
import dataclasses
import typing

import numpy as np

from kerasseq.serving.bad_request import BadRequest


@dataclasses.dataclass(eq=False)
class Asked:
    """One client's question to a model.

    Attributes:
        model: ServedModel.
        signature: str.
        tensors: dict of arrays by name, each of as many rows.
        rows: int.
        key: what requests must share to be answered together; None to be answered alone.
        answer: asyncio.Future of a dict of arrays; cancelled when nobody waits.
        begun: float, the loop's time when it came.
    """

    model: typing.Any
    signature: str
    tensors: dict
    rows: int
    key: typing.Any
    answer: asyncio.Future
    begun: float


class Batcher:
    """A queue of requests, and threads that answer the oldest with others of its kind.

    While all threads are busy requests gather; one that is free takes as many as fit. Texts of
    like lengths go together: a short one does not wait for a long one's tokens. An error is its
    request's alone: the others are answered again without it.

    Args:
        limits: Limits.
        observe: function called with the rows of each batch.
    """

    def __init__(self, limits, observe=lambda rows: None):
        self.limits = limits
        self.observe = observe
        self.queue = collections.deque()
        self.free = limits.workers
        self.pool = concurrent.futures.ThreadPoolExecutor(limits.workers)

    def __len__(self):
        return sum(not each.answer.done() for each in self.queue)

    async def ask(self, model, signature, tensors):
        """What the model answers to one request: a dict of arrays.

        Raises:
            BadRequest: with status 503 when too many wait.
            ValueError: for values that the model does not read.
        """
        if len(self.queue) >= self.limits.waiting and len(self) >= self.limits.waiting:
            raise BadRequest(f"{self.limits.waiting} requests wait: ask again later.", 503)
        loop = asyncio.get_running_loop()
        rows = len(next(iter(tensors.values())))
        key = (model, signature, model.batch_key(signature, tensors))
        asked = Asked(
            model, signature, tensors, rows, key if key[-1] is not None else None,
            loop.create_future(), loop.time(),
        )  # fmt: skip
        self.queue.append(asked)
        self._begin(loop)
        return await asked.answer

    def _begin(self, loop):
        """Gives the free threads what waits."""
        while self.free and (batch := self._next(loop)):
            self.free -= 1
            done = loop.run_in_executor(self.pool, answer, batch)
            done.add_done_callback(lambda found, batch=batch: self._finish(loop, batch, found))

    def _next(self, loop):
        """The oldest request and others of its kind; none while they may wait for more."""
        while self.queue and self.queue[0].answer.done():  # nobody waits for it
            self.queue.popleft()
        if not self.queue:
            return []
        first = self.queue[0]
        left, batch = self.limits.together - first.rows, [first]
        if first.key is not None:
            for each in list(self.queue)[1:]:
                if each.key == first.key and each.rows <= left and not each.answer.done():
                    left -= each.rows
                    batch.append(each)
        ready = first.begun + self.limits.delay
        if first.key is not None and left > 0 and loop.time() < ready:
            loop.call_at(ready, self._begin, loop)
            return []
        taken = set(map(id, batch))
        self.queue = collections.deque(each for each in self.queue if id(each) not in taken)
        self.observe(sum(each.rows for each in batch))
        return batch

    def _finish(self, loop, batch, found):
        self.free += 1
        error = found.exception()
        answers = [error] * len(batch) if error else found.result()
        for each, got in zip(batch, answers, strict=True):
            if each.answer.done():
                continue
            if isinstance(got, Exception):
                each.answer.set_exception(got)
            else:
                each.answer.set_result(got)
        self._begin(loop)

    def close(self):
        """Lets the threads end."""
        self.pool.shutdown(wait=False, cancel_futures=True)


def answer(batch):
    """The answers to requests of one kind, each a dict of arrays or an error."""
    batch = [each for each in batch]
    first = batch[0]
    if len(batch) == 1:
        return [_alone(first)]
    names = first.tensors
    joined = {name: np.concatenate([each.tensors[name] for each in batch]) for name in names}
    try:
        found = first.model.run(first.signature, joined)
    except ValueError:  # of one of them
        return [_alone(each) for each in batch]
    ends = np.cumsum([each.rows for each in batch])[:-1]
    parts = {name: np.split(array, ends) for name, array in found.items()}
    return [{name: part[i] for name, part in parts.items()} for i in range(len(batch))]


def _alone(each):
    try:
        return each.model.run(each.signature, each.tensors)
    except Exception as error:
        return error
