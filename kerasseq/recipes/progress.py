"""Training progress: a bar on the terminal, a line for each epoch in the log."""

from __future__ import annotations

import sys
import time
import typing

import keras
from rich.progress import Progress as Bar
from rich.progress import TaskID

if typing.TYPE_CHECKING:
    from kerasseq.recipes.run_log import RunLog

FIGURES = ("val_perplexity", "val_token_accuracy", "val_bleu", "val_chrf", "val_exact_match")


class Progress(keras.callbacks.Callback):
    """A bar for the epoch that runs, and one line for each that ended.

    Args:
        log: RunLog; without a console there is no bar.

    Attributes:
        bar: rich.progress.Progress. `with progress.bar:` around `fit` takes it off the terminal
            however the training ends.
    """

    not_resumed: tuple[str, ...] = ("started", "task")

    def __init__(self, log: RunLog) -> None:
        super().__init__()
        self.log = log
        self.batches: int | None = None
        self.bar: Bar = Bar(
            *Bar.get_default_columns(),
            console=self.log.console,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
            disable=self.log.console is None,
        )

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.task: TaskID = self.bar.add_task("epoch")

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.started: float = time.time()
        name = f"epoch {epoch + 1}/{self.params['epochs']}"
        self.bar.reset(self.task, description=name, total=self.params["steps"] or self.batches)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.seen: int = batch + 1
        self.bar.update(self.task, completed=self.seen)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.batches = self.seen
        figures = ", ".join(
            f"{key.removeprefix('val_').replace('_', ' ')} {logs[key]:.4g}"
            for key in FIGURES
            if key in logs
        )
        seconds = time.time() - self.started
        self.log(
            f"epoch {epoch + 1}/{self.params['epochs']}: {seconds:.0f} s, training perplexity "
            f"{logs['perplexity']:.4g}; validation {figures}"
        )
