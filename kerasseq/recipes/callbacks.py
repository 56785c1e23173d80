"""The callbacks of a run, in the order in which they act at the end of an epoch."""

from __future__ import annotations

import math
import pathlib
import typing
from collections.abc import Iterable

import keras

from kerasseq.training import CheckpointAverage, RaiseOnNonFiniteLoss, TranslationMetrics

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText
    from kerasseq.files import AnyPath
    from kerasseq.recipes.progress import Progress
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.translator import Translator


def build_callbacks(
    recipe: Recipe,
    run: pathlib.Path,
    progress: Progress,
    history: list[dict[str, float]],
    translator: Translator,
    validation: ParallelText,
    further: Iterable[keras.callbacks.Callback],
) -> list[keras.callbacks.Callback]:
    """Makes the callbacks of a run.

    With `ema`, validation, best-model selection and averaging use the averaged weights. The
    checkpoint is written last and has the raw training weights, so an interrupted run
    continues exactly.

    Args:
        recipe: dict of sections.
        run: path of the run folder.
        progress: Progress; the caller shows its bar.
        history: list of dict, the epochs of the run so far.
        translator: Translator of the model in training.
        validation: ParallelText, to measure quality on.
        further: iterable of Keras callbacks, called before the checkpoint.

    Returns:
        list of keras.callbacks.Callback.
    """
    section, translation = recipe["training"], recipe.get("translation", {})
    best = min((row["val_perplexity"] for row in history), default=None)
    chosen, later = [RaiseOnNonFiniteLoss()], []
    if section.get("ema"):
        swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
        chosen.append(swap)
    if section.get("quality_every"):
        quality = TranslationMetrics(
            translator,
            validation,
            section["quality_every"],
            translation.get("bleu_tokenize", "13a"),
            translation.get("lowercase", False),
        )
        later = [f"val_{name}" for name in quality.NAMES]
        if history:
            last = {name: history[-1].get(f"val_{name}", math.nan) for name in quality.NAMES}
            quality.measured = {name: each for name, each in last.items() if not math.isnan(each)}
        chosen.append(quality)
    chosen += [
        progress,
        keras.callbacks.ModelCheckpoint(
            run / "best.weights.h5",
            monitor="val_perplexity",
            mode="min",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=best,
        ),
        HistoryFile(run / "history.csv", history, later),
        *further,
    ]
    if section.get("average_last"):
        chosen.append(CheckpointAverage(run / "epochs", section["average_last"]))
    if section.get("patience"):
        chosen.append(
            keras.callbacks.EarlyStopping(
                "val_perplexity", 0, section["patience"], mode="min", baseline=best
            )
        )
    if section.get("ema"):
        # Keras swaps the raw weights back before the next epoch: the checkpoint needs them now.
        chosen.append(
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: swap.on_epoch_begin(epoch + 1)
            )
        )
    chosen.append(
        keras.callbacks.BackupAndRestore(
            run / "checkpoint", double_checkpoint=True, delete_checkpoint=False
        )
    )
    return chosen


class HistoryFile(keras.callbacks.CSVLogger):
    """A row an epoch, in the columns of the file that goes on; empty where nothing was measured.

    Args:
        path: path of the `.csv` file.
        history: list of dict, the epochs that it holds.
        later: iterable of str, what may be measured after the first epoch.
    """

    def __init__(
        self, path: AnyPath, history: list[dict[str, float]], later: Iterable[str]
    ) -> None:
        super().__init__(path, append=True)
        self.columns = [key for key in history[0] if key != "epoch"] if history else None
        self.later = later

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        row = dict.fromkeys(self.later, "") | (logs or {})
        self.columns = self.columns or sorted(row)
        self.keys: list[str] = self.columns
        super().on_epoch_end(epoch, {key: row.get(key, "") for key in self.columns})
