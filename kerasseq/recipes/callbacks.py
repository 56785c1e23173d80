"""The callbacks of a run, in the order in which they act at the end of an epoch."""

from __future__ import annotations

import csv
import io
import math
import os
import pathlib
import typing
from collections.abc import Iterable

import keras

from kerasseq.files import sync, write_file
from kerasseq.hdf5_file import count_numbers
from kerasseq.manifest import hash_file
from kerasseq.training import (
    CheckpointAverage,
    Doctor,
    ExactResume,
    RaiseOnNonFiniteLoss,
    TranslationMetrics,
)
from kerasseq.training.doctor import LOOKED_AT

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText
    from kerasseq.files import AnyPath
    from kerasseq.recipes.progress import Progress
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.translator import Translator


MINUTES = 10  # from one checkpoint to the next, where a recipe does not say


def build_callbacks(
    recipe: Recipe,
    run: pathlib.Path,
    progress: Progress,
    translator: Translator,
    validation: ParallelText,
    further: Iterable[keras.callbacks.Callback],
    depends_on: dict[str, str],
) -> list[keras.callbacks.Callback]:
    """Makes the callbacks of a run.

    With `ema`, validation, best-model selection and averaging use the averaged weights.

    Args:
        recipe: dict of sections.
        run: path of the run folder.
        progress: Progress; the caller shows its bar.
        translator: Translator of the model in training.
        validation: ParallelText, to measure quality on.
        further: iterable of Keras callbacks, called before the checkpoint.
        depends_on: dict, as for `ExactResume`.

    Returns:
        list of keras.callbacks.Callback.
    """
    section, translation = recipe["training"], recipe.get("translation", {})
    chosen, later, quality = [RaiseOnNonFiniteLoss()], [], None
    if section.get("ema"):
        chosen.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if section.get("quality_every"):
        quality = TranslationMetrics(
            translator,
            validation,
            section["quality_every"],
            translation.get("bleu_tokenize", "13a"),
            translation.get("lowercase", False),
        )
        later = [f"val_{name}" for name in quality.NAMES]
        chosen.append(quality)
    doctor = Doctor(translator, validation.take(LOOKED_AT), quality, progress.log.tell)
    chosen += [doctor, progress, HistoryFile(run / "history.csv", later), *further]
    last = section.get("average_last")
    chosen.append(BestWeights(run / "best.weights.h5", "val_perplexity", load=not last))
    if last:
        chosen.append(CheckpointAverage(run / "epochs", last))
    if section.get("patience"):
        chosen.append(
            keras.callbacks.EarlyStopping("val_perplexity", 0, section["patience"], mode="min")
        )
    chosen.append(
        ExactResume(
            run / "checkpoints",
            every_steps=section.get("checkpoint_steps") or None,
            every_minutes=section.get("checkpoint_minutes", MINUTES) or None,
            depends_on=depends_on,
            log=progress.log,
        )
    )
    return chosen


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
    """Keeps the weights with the least of a score.

    Args:
        path: path of the `.weights.h5` file.
        monitor: str, the score's name in the logs; less is better.
        load: bool, set them when training ends.

    Raises:
        ValueError: when training ends and the file is not as it was written, or says that it
            holds more than its length.
    """

    def __init__(self, path: AnyPath, monitor: str, load: bool) -> None:
        super().__init__()
        self.path: pathlib.Path = pathlib.Path(path)
        self.monitor = monitor
        self.load = load
        self.best: float = math.inf
        self.sha256: str | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if (logs or {})[self.monitor] < self.best:
            self.best = (logs or {})[self.monitor]
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
