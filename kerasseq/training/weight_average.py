"""Checkpoint averaging."""

import json
import os
import pathlib

import keras
import numpy as np


class WeightAverage(keras.callbacks.Callback):
    """Keeps the last epochs' weights on disk and loads their mean when training ends.

    Averaging the last checkpoints is what Vaswani et al. 2017, section 6.1, report with.
    The files survive an interrupted run, so a resumed one averages the same epochs.

    Args:
        folder: path, where one `.weights.h5` an epoch is kept.
        last: int, how many epochs to average.
        start_epoch: int, the first epoch (from 0) that may enter the mean.
    """

    def __init__(self, folder, last=5, start_epoch=0):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.last = last
        self.start_epoch = start_epoch

    def _files(self):
        return sorted(self.folder.glob("epoch-*.npz"))

    def on_epoch_end(self, epoch, logs=None):
        if epoch < self.start_epoch:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"epoch-{epoch + 1:04d}.npz"
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            np.savez(file, *self.model.get_weights())
        os.replace(beside, path)
        for old in self._files()[: -self.last]:
            old.unlink()

    def on_train_end(self, logs=None):
        files = self._files()
        if not files:
            return
        totals = None
        for path in files:
            with np.load(path, allow_pickle=False) as arrays:
                weights = [arrays[name].astype("float64") for name in arrays.files]
            totals = weights if totals is None else [a + b for a, b in zip(totals, weights)]
        self.model.set_weights([total / len(files) for total in totals])
        (self.folder / "averaged.json").write_text(json.dumps([path.stem for path in files]))
