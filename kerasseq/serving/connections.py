"""Connections that end: silent, slow and unread ones are closed, and a signal drains the rest."""

import signal
import warnings

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


def run(app, host, port, limits):
    """Serves an application until SIGTERM or SIGINT.

    Then no connection is taken any more, each request that was begun is answered within its time,
    and the function returns.

    Args:
        app: ASGI application.
        host: str, address to listen on.
        port: int.
        limits: Limits.
    """

    class Limited(Connection):
        idle = limits.idle

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Limited,
        ws="none",
        log_level="error",  # a damaged request is its sender's
        server_header=False,
        timeout_keep_alive=limits.idle,
        timeout_graceful_shutdown=int(limits.seconds) + 1,
        limit_concurrency=limits.connections,
    )
    # uvicorn raises a signal again behind its end; by default that kills the process, and what
    # its caller would clean up stays.
    former = {each: signal.signal(each, lambda *_: None) for each in STOPPING}
    try:
        with warnings.catch_warnings():
            # An answer says so itself; a log would fill up with the texts of clients.
            warnings.filterwarnings("ignore", r"Expected (\w+ of at most|to keep to) .*; received")
            uvicorn.Server(config).run()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


STOPPING = (signal.SIGTERM, signal.SIGINT)


class Connection(H11Protocol):
    """A connection that is closed when no whole head of a request comes within `idle` seconds,
    or an answer is not read for as long."""

    idle = 10.0
    _timer = _unread = _seen = None

    def connection_made(self, transport):
        super().connection_made(transport)
        self._wait()

    def data_received(self, data):
        super().data_received(data)
        self._look()

    def on_response_complete(self):
        super().on_response_complete()
        if not self._look():
            self._wait()

    def pause_writing(self):
        super().pause_writing()
        self._unread = self.loop.call_later(self.idle, self.transport.abort)

    def resume_writing(self):
        super().resume_writing()
        self._unread = _cancelled(self._unread)

    def connection_lost(self, exc):
        self._timer, self._unread = _cancelled(self._timer), _cancelled(self._unread)
        super().connection_lost(exc)

    def _look(self):
        """Stops waiting when there is another request than before."""
        if self.scope is self._seen:
            return False
        self._seen, self._timer = self.scope, _cancelled(self._timer)
        return True

    def _wait(self):
        self._timer = _cancelled(self._timer)
        self._timer = self.loop.call_later(self.idle, self.transport.abort)


def _cancelled(timer):
    if timer is not None:
        timer.cancel()
