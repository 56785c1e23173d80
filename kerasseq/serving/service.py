"""One served model: what the REST API and the gRPC service share."""

import asyncio
import time

from kerasseq.serving.bad_request import BadRequest, told
from kerasseq.serving.batching import Batcher
from kerasseq.serving.limits import Limits
from kerasseq.serving.metrics import Metrics
from kerasseq.serving.name import check_name
from kerasseq.serving.versions import Versions


class Service:
    """A model's versions, the queue before them, and what is counted.

    Args:
        model: ServedModel or Versions.
        name: str, under which it is served.
        limits: Limits; the defaults if None.

    Raises:
        ValueError: for a name that is more than one plain part of an address.
    """

    def __init__(self, model, name, limits=None):
        check_name(name)
        self.versions = model if isinstance(model, Versions) else Versions.of(model)
        self.name = name
        self.limits = limits or Limits()
        self.metrics = Metrics()
        self.batcher = Batcher(self.limits, self.metrics.rows.observe)

    async def attempt(self, work):
        """Awaits the answer to one request within its time, and counts it.

        Args:
            work: coroutine.

        Returns:
            what it gives, and None; or None, and the BadRequest that its sender is told, see
            `told`.
        """
        found = error = None
        started, seconds = time.perf_counter(), self.limits.seconds
        try:
            async with asyncio.timeout(seconds):
                found = await work
        except Exception as wrong:
            error = told(wrong, seconds)
        self.metrics.count(error.status if error else 200, time.perf_counter() - started)
        return found, error

    def model(self, version=None):
        """The ServedModel of a version, a str; None for the newest.

        Raises:
            BadRequest: with status 404 for one that is not loaded.
        """
        if version is None:
            return self.versions.newest
        if version not in self.versions.models:
            raise BadRequest(
                f"Expected a version of {', '.join(self.versions.models)}; received "
                f"{version!s:.60}.",
                404,
            )
        return self.versions.models[version]
