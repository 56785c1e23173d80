"""What a server counts, in Prometheus' text format (version 0.0.4)."""

import bisect
import collections
import threading

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128)


class Histogram:
    """How many observations were at most as large as each of some bounds.

    Args:
        name, help: str.
        bounds: tuple of numbers, rising.
    """

    def __init__(self, name, help, bounds):
        self.name, self.help, self.bounds = name, help, bounds
        self.counts, self.sum = [0] * (len(bounds) + 1), 0.0

    def observe(self, value):
        """Counts a number."""
        self.counts[bisect.bisect_left(self.bounds, value)] += 1
        self.sum += value

    def lines(self):
        """Yields its lines."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} histogram"
        below = 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            below += count
            yield f'{self.name}_bucket{{le="{bound}"}} {below}'
        yield f"{self.name}_sum {self.sum:.6f}"
        yield f"{self.name}_count {below}"


class Metrics:
    """The counts of one server."""

    def __init__(self):
        self.answered = collections.Counter()
        self.seconds = Histogram("kerasseq_request_seconds", "Seconds of a prediction.", SECONDS)
        self.rows = Histogram("kerasseq_batch_rows", "Rows that were answered at once.", ROWS)
        self.lock = threading.Lock()

    def count(self, status, seconds):
        """Counts a request for a prediction: its int status and how long it took."""
        with self.lock:
            self.answered[status] += 1
            self.seconds.observe(seconds)

    def text(self, waiting, versions):
        """Everything as text.

        Args:
            waiting: int, requests that wait.
            versions: list of str, the model's versions that are loaded, the newest last.
        """
        with self.lock:
            lines = [
                "# HELP kerasseq_requests_total Requests for predictions by HTTP status.",
                "# TYPE kerasseq_requests_total counter",
                *(
                    f'kerasseq_requests_total{{status="{status}"}} {count}'
                    for status, count in sorted(self.answered.items())
                ),
                *self.seconds.lines(),
                *self.rows.lines(),
            ]
        lines += [
            "# HELP kerasseq_waiting_requests Requests that wait for a worker.",
            "# TYPE kerasseq_waiting_requests gauge",
            f"kerasseq_waiting_requests {waiting}",
            "# HELP kerasseq_model_version Versions that are loaded; 1 for the one that answers.",
            "# TYPE kerasseq_model_version gauge",
        ]
        for version in versions:
            newest = int(version == versions[-1])
            lines.append(f'kerasseq_model_version{{version="{version}"}} {newest}')
        return "\n".join(lines) + "\n"
