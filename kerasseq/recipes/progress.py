"""Training progress: a bar on the terminal, a line for each epoch in the log."""

from __future__ import annotations

import contextlib
import sys
import time
import typing
from collections.abc import Callable, Iterator

import keras
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar

if typing.TYPE_CHECKING:
    from rich.console import Console

    from kerasseq.recipes.run_log import RunLog

# What a line tells of validation, in this order, and of training: the first that there is.
FIGURES = (
    "perplexity", "token_accuracy", "bleu", "chrf", "accuracy", "binary_accuracy", "micro_f1",
    "f1", "exact_match", "mean_absolute_error", "loss",
)  # fmt: skip
NARROW = 64  # columns of a terminal without room for a bar
EVERY = 0.2  # seconds from one change of the figures to the next


@contextlib.contextmanager
def stages(console: Console | None) -> Iterator[Callable[[str], object]]:
    """Yields a function that says what is being done; a terminal shows the last.

    Args:
        console: rich.console.Console, or None to show nothing.
    """
    if console is None:
        yield lambda stage: None
        return
    with console.status("") as status:
        yield status.update


class Progress(keras.callbacks.Callback):
    """A bar for the epoch that runs, and one line for each that ended.

    Beside the bar stand the loss, the time that the run will take yet, perplexity or accuracy,
    tokens a second, and the learning rate: as many as the terminal has room for. While a step is
    compiled, "compiling" stands there; under JAX, which compiles for each shape of the batches,
    "compiling shape 2 of 14".

    Args:
        log: RunLog; without a console there is no bar.
        report: dict of `describe_batches`, to tell tokens a second; None to tell none.
        rate: bool, tell the learning rate, which no one of several processes can ask for.

    Attributes:
        bar: rich.progress.Progress. `with progress.bar:` around `fit` takes it off the terminal
            however the training ends.
    """

    not_resumed: tuple[str, ...] = ("started", "task", "begun", "done", "shown", "compiled")

    def __init__(
        self, log: RunLog, report: dict[str, typing.Any] | None = None, rate: bool = True
    ) -> None:
        super().__init__()
        self.log = log
        self.rate = rate
        self.batches: int | None = None
        counted = report and "real_tokens" in report
        tokens = report["real_tokens"] / max(report["batches"], 1) if counted else None
        self.tokens_per_batch: float | None = tokens
        shapes = report["shapes"] if report and keras.backend.backend() == "jax" else ()
        self.shapes: int = max(1, len(shapes))  # that are compiled for
        self.width: int = self.log.console.width if self.log.console else 0
        name = TextColumn("{task.description}", markup=False)
        figures = TextColumn("{task.fields[figures]}", markup=False)
        bar = [BarColumn(min(20, self.width // 6))] if self.width >= NARROW else []
        self.bar: Bar = Bar(
            *(name, *bar, TaskProgressColumn(), figures),
            console=self.log.console,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
            disable=self.log.console is None,
        )

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.task: TaskID = self.bar.add_task("epoch", figures="")
        self.begun: float = time.time()
        self.done: int = 0  # batches since then
        self.shown: float = 0.0
        self.compiled: int = 0  # shapes of batches
        if not self.bar.disable and keras.backend.backend() != "torch":
            self.model.on_compile = self._say_compiling

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.model.on_compile = None

    def _say_compiling(self):
        self.compiled = min(self.compiled + 1, self.shapes)
        said = f"compiling shape {self.compiled} of {self.shapes}"
        self.bar.update(self.task, figures=said if self.shapes > 1 else "compiling", refresh=True)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.started: float = time.time()
        self.epoch: int = epoch
        name = f"epoch {epoch + 1}/{self.params['epochs']}"
        total = self.params["steps"] or self.batches
        compiling = "" if self.done else "compiling"
        self.bar.reset(self.task, description=name, total=total, figures=compiling)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.done += 1
        self.seen: int = batch + 1
        if self.bar.disable or time.time() - self.shown < EVERY:
            return
        self.shown = time.time()
        self.bar.update(self.task, completed=self.seen, figures=self._figures(logs or {}))

    def _figures(self, logs):
        """What is told beside the bar, as far as it fits."""
        pace = (self.shown - self.begun) / self.done  # seconds a batch, with what is between
        steps, told = self.params["steps"] or self.batches, []
        if "loss" in logs:
            told.append(f"loss {logs['loss']:.3g}")
        if steps:
            left = steps * (self.params["epochs"] - self.epoch) - self.seen
            told.append(f"{_clock(pace * left)} left")
        name = next((name for name in FIGURES if name in logs), "loss")
        if name != "loss":
            told.append(f"{name.replace('_', ' ')} {logs[name]:.3g}")
        if self.tokens_per_batch and pace:
            told.append(f"{self.tokens_per_batch / pace:,.0f} tokens/s")
        if self.rate:
            told.append(f"rate {float(self.model.optimizer.learning_rate):.1e}")
        bar = min(20, self.width // 6) + 1 if self.width >= NARROW else 0
        room = self.width - len(f"epoch {self.params['epochs']}/{self.params['epochs']}") - bar - 6
        while told and len("  ".join(told)) > room:
            told.pop()
        return "  ".join(told)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.batches = self.seen
        logs = logs or {}
        of_training = next((name for name in FIGURES if name in logs), "loss")
        of_validation = [name for name in FIGURES if f"val_{name}" in logs]
        if of_training == "perplexity":  # which is the loss in other words
            of_validation = [name for name in of_validation if name != "loss"]
        figures = ", ".join(
            f"{name.replace('_', ' ')} {logs[f'val_{name}']:.4g}" for name in of_validation
        )
        seconds = time.time() - self.started
        self.log(
            f"epoch {epoch + 1}/{self.params['epochs']}: {seconds:.0f} s, training "
            f"{of_training.replace('_', ' ')} {logs[of_training]:.4g}; validation {figures}"
        )


def _clock(seconds):
    """Seconds as people read them: "45 s", "3:20" of minutes, "2:05 h"."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return (
        f"{minutes}:{seconds % 60:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02} h"
    )
