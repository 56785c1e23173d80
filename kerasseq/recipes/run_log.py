"""The log of a run."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import re
import time
import typing
from collections.abc import Iterable, Iterator

from kerasseq.doctor import warn

if typing.TYPE_CHECKING:
    from rich.console import Console

    from kerasseq.doctor import Finding
    from kerasseq.files import AnyPath

TOLD = re.compile(r"doctor \((.+?)\): (.+)")  # how `tell` logs a finding: name and sentence


class RunLog:
    """Prints a line on the terminal and appends it, with the time (UTC), to the run's `log.txt`.

    Args:
        run: path of the run folder.
        console: rich.console.Console, or None to write to the file only.
        index: int, of several processes this one; the first has the run's `log.txt`, the second
            `log.1.txt` …
    """

    def __init__(self, run: AnyPath, console: Console | None = None, index: int = 0) -> None:
        self.path: pathlib.Path = pathlib.Path(run) / (f"log.{index}.txt" if index else "log.txt")
        self.console = console

    def __call__(self, line: str) -> None:
        if self.console:
            self.console.print(line, markup=False)  # a line may quote any text
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())}  {line}\n")

    def tell(self, findings: Iterable[Finding]) -> None:
        """Logs what the doctor found; warns of it where there is no console."""
        findings = list(findings)
        for each in findings:
            self(f"doctor ({each.name}): {each.sentence}")
        if self.console is None:
            warn(findings)


@contextlib.contextmanager
def heard() -> Iterator[list[str]]:
    """Yields a list, which what the package logs meanwhile is added to, as str."""
    lines = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = logging.getLogger("kerasseq")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def epoch_seconds(run: AnyPath) -> list[int]:
    """Reads the seconds of each epoch from a run's log: a list of int."""
    log = (pathlib.Path(run) / "log.txt").read_text(encoding="utf-8")
    return [int(found) for found in re.findall(r"epoch \d+/\d+: (\d+) s", log)]
