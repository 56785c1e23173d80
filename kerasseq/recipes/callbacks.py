"""The callbacks of a run, in the order in which they act at the end of an epoch."""

from __future__ import annotations

import csv
import io
import math
import os
import pathlib
import typing
from collections.abc import Callable, Iterable

import keras

from kerasseq.files import sync, write_file
from kerasseq.hdf5_file import count_numbers
from kerasseq.manifest import hash_file
from kerasseq.processes import ALONE, Process, alone
from kerasseq.training import (
    CheckpointAverage,
    Doctor,
    ExactResume,
    RaiseOnNonFiniteLoss,
)

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.recipes.course import Course
    from kerasseq.recipes.progress import Progress
    from kerasseq.tasks.task import AnyTask


MINUTES = 10  # from one checkpoint to the next, where a recipe does not say


def build_callbacks(
    course: Course,
    run: pathlib.Path,
    progress: Progress,
    task: AnyTask,
    validation: typing.Any,
    further: Iterable[keras.callbacks.Callback],
    depends_on: dict[str, str],
    process: Process = ALONE,
) -> list[keras.callbacks.Callback]:
    """Makes the callbacks of a run, of several processes those of one.

    With `ema`, validation, best-model selection and averaging use the averaged weights.

    Args:
        course: Course of the recipe.
        run: path of the run folder.
        progress: Progress; the caller shows its bar.
        task: Task of the model in training.
        validation: corpus, to measure quality on.
        further: iterable of Keras callbacks, called before the checkpoint.
        depends_on: dict, as for `ExactResume`.
        process: Process.

    Returns:
        list of keras.callbacks.Callback.
    """
    section = course.training
    chosen = []
    if process.leads:
        chosen = _of_one(course, run, progress, task, validation, further, process)
    if process.count > 1:
        chosen = alone(chosen)
    if section.get("patience"):
        chosen.append(
            keras.callbacks.EarlyStopping(course.best, 0, section["patience"], mode=course.mode)
        )
    chosen.append(
        ExactResume(
            run / "checkpoints",
            every_steps=section.get("checkpoint_steps") or None,
            every_minutes=section.get("checkpoint_minutes", MINUTES) or None,
            depends_on=depends_on,
            log=progress.log,
            writes=process.leads,
        )
    )
    return [RaiseOnNonFiniteLoss(), *chosen]


def _of_one(course, run, progress, task, validation, further, process):
    """The callbacks that say, measure and write, of which a run has one each."""
    section, quality, chosen = course.training, course.quality(task, validation), []
    if section.get("ema"):
        chosen.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if quality is not None:
        chosen.append(quality)
    if process.count == 1:  # it reads numbers of the model after a step, which several share
        looked_at = course.looked_at(task, validation, quality)
        chosen.append(Doctor(**looked_at, say=progress.log.tell))
    later = course.later if quality is not None else ()
    chosen += [progress, HistoryFile(run / "history.csv", later), *further]
    last = section.get("average_last")
    chosen.append(BestWeights(run / "best.weights.h5", course.best, not last, course.mode))
    if last:
        chosen.append(CheckpointAverage(run / "epochs", last))
    return chosen


class Scores(keras.callbacks.Callback):
    """Asks a task about validation rows after an epoch; logs its scores, `val_f1` and the like.

    Args:
        task: Task of the model in training.
        validation: corpus that the task learns from.
    """

    def __init__(self, task: AnyTask, validation: typing.Any) -> None:
        super().__init__()
        self.task = task
        self.validation = validation

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        found = self.task.scores(self.validation)
        measured = {f"val_{name}": each for name, each in found.items() if isinstance(each, float)}
        if logs is not None:
            logs.update(measured)


class EachEpoch(keras.callbacks.Callback):
    """Calls a function with the numbers of each epoch: a dict of `epoch`, from 1, and floats.

    Args:
        tell: function.
    """

    def __init__(self, tell: Callable[[dict[str, float]], object]) -> None:
        super().__init__()
        self.tell = tell

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        numbers = {name: float(each) for name, each in (logs or {}).items()}
        self.tell({"epoch": epoch + 1} | numbers)


class HistoryFile(keras.callbacks.Callback):
    """A row an epoch, the file written anew each time; empty where nothing was measured.

    So a run that goes on has the rows of its checkpoint, whatever the file holds.

    Args:
        path: path of the `.csv` file.
        later: iterable of str, what may be measured after the first epoch.
    """

    def __init__(self, path: AnyPath, later: Iterable[str]) -> None:
        super().__init__()
        self.path: pathlib.Path = pathlib.Path(path)
        self.later: tuple[str, ...] = tuple(later)
        self.rows: list[dict[str, typing.Any]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.rows.append({"epoch": epoch} | dict.fromkeys(self.later, "") | (logs or {}))
        names = sorted({*self.rows[0]} - {"epoch"})
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, ["epoch", *names], restval="", extrasaction="ignore")
        table.writeheader()
        table.writerows(self.rows)
        write_file(self.path, text.getvalue())


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights with the best of a score; where more is better, and epochs often tie, those
    of the last such epoch.

    Args:
        path: path of the `.weights.h5` file.
        monitor: str, the score's name in the logs.
        load: bool, set them when training ends.
        mode: "min" or "max", whether less or more is better.

    Raises:
        ValueError: when training ends and the file is not as it was written, or says that it
            holds more than its length.
    """

    def __init__(
        self,
        path: AnyPath,
        monitor: str,
        load: bool,
        mode: typing.Literal["min", "max"] = "min",
    ) -> None:
        super().__init__()
        self.path: pathlib.Path = pathlib.Path(path)
        self.monitor = monitor
        self.load = load
        self.sign: int = 1 if mode == "min" else -1
        self.best: float = math.inf  # of the score, or of its negative where more is better
        self.sha256: str | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        score = self.sign * (logs or {})[self.monitor]
        if score < self.best or (self.sign < 0 and score == self.best):
            self.best = score
            beside = self.path.with_name(f"part.{self.path.name}")  # the ending says what it is
            self.model.save_weights(beside, overwrite=True)
            sync(beside)
            self.sha256 = hash_file(beside)
            os.replace(beside, self.path)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if not self.load:
            return
        if not self.path.is_file() or hash_file(self.path) != self.sha256:
            raise ValueError(
                f"Expected {self.path} as the run wrote it; received "
                f"{'other bytes' if self.path.is_file() else 'no such file'}: it is damaged or was "
                "edited. Put a copy back, or train again in a new folder."
            )
        count_numbers(self.path, self.path.parent)
        self.model.load_weights(self.path)
