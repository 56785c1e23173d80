"""Processes that answer parts, each begun again where it was killed."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import typing
from collections.abc import Callable, Sequence

if typing.TYPE_CHECKING:
    from kerasseq.bulk.work_folder import WorkFolder

ATTEMPTS = 3  # of a process, one after the other, in which it answered nothing
EVERY = 0.2  # seconds from one look at the parts to the next
THREADS = "TF_NUM_INTRAOP_THREADS"


def answer_all(
    work: WorkFolder,
    export: pathlib.Path,
    *,
    workers: int = 1,
    together: int = 64,
    options: Sequence[str] = (),
    progress: Callable[[set[int]], object] = lambda answered: None,
    say: Callable[[str], object] = lambda line: None,
) -> None:
    """Answers all parts of a folder.

    Each process runs one pipeline on every so manieth part. (Beam's own runner of several local
    processes waits for ever for one that was killed.)

    Args:
        work: WorkFolder.
        export: path of the SavedModel.
        workers: int, processes; with `options` one, whose runner has workers of its own.
        together, options, say: as of `translate_file`.
        progress: function called with the numbers of the parts that are answered.

    Raises:
        RuntimeError: when a process ended three times without an answer.
    """
    count = 1 if options else max(1, min(workers, len(work.sizes)))
    told = {"folder": str(work.path), "export": str(export), "together": together}
    shares = [(share, len(work.sizes), count) for share in range(count)]
    with tempfile.TemporaryDirectory() as logs:
        running = [
            _Worker(told | {"numbers": share, "options": [*options]}, count, pathlib.Path(logs))
            for share in shares
        ]
        try:
            while running:
                running = [each for each in running if not each.is_done(work.answered(), say)]
                progress(work.answered())
                time.sleep(EVERY)
        finally:
            for each in running:
                each.process.kill()
                each.process.wait()


class _Worker:
    """A process that answers a share of the parts."""

    def __init__(self, told, count, logs):
        self.told = told
        self.share = {*range(*told["numbers"])}
        self.log = logs / f"{told['numbers'][0]}.log"
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        threads = {} if count == 1 else {THREADS: str(max(1, cores // count))}
        self.environment = threads | os.environ
        self.in_vain, self.before = 0, -1
        self._start()

    def _start(self):
        command = [sys.executable, "-m", "kerasseq.bulk.pipeline", json.dumps(self.told)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=self.environment
            )

    def is_done(self, answered, say):
        """Whether it has ended with all answered; where it ended before, it is begun again."""
        if self.process.poll() is None:
            return False
        left = self.share - answered
        if not left:
            return True
        done = len(self.share) - len(left)
        self.in_vain = self.in_vain + 1 if done <= max(self.before, 0) else 0
        self.before = done
        reason = self._reason()
        if self.in_vain == ATTEMPTS:
            raise RuntimeError(
                f"Expected answers to {len(left):,} parts in {self.told['folder']}; received none "
                f"of a worker that ended {ATTEMPTS} times ({reason}). Mend that, and run it again: "
                "what is answered stays."
            )
        say(f"a worker ended ({reason}): another goes on with its {len(left):,} parts")
        self._start()
        return False

    def _reason(self):
        code = self.process.returncode
        if code < 0:
            return f"signal {-code}"
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = next((line for line in reversed(lines) if line.strip()), f"exit status {code}")
        return f"{said.strip():.200}"
