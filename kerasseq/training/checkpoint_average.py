"""Checkpoint averaging."""

import os
import pathlib

import keras
import numpy as np


class CheckpointAverage(keras.callbacks.Callback):
    """Keeps the last epochs' weights on disk and loads their mean when training ends.

    Averaging the last checkpoints is what Vaswani et al. 2017, section 6.1, report with.
    The files survive an interrupted run, so a resumed one averages the same epochs.

    Args:
        folder: path, where one `.npz` an epoch is kept.
        last: int, how many epochs to average.
        start_epoch: int, the first epoch (from 0) that may enter the mean; the weights stay as
            they are when training ends before it.

    Raises:
        ValueError: for less than one epoch.
    """

    def __init__(self, folder, last=5, start_epoch=0):
        super().__init__()
        if last < 1:
            raise ValueError(
                f"Expected at least 1 epoch to average; received last={last}. Keep one or more."
            )
        self.folder = pathlib.Path(folder)
        self.last = last
        self.start_epoch = start_epoch

    def on_epoch_end(self, epoch, logs=None):
        path = self.folder / f"epoch-{epoch + 1:04d}.npz"
        for old in self.folder.glob("epoch-*.npz"):
            if old >= path:  # of an earlier run
                old.unlink()
        if epoch < self.start_epoch:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            np.savez(file, *self.model.get_weights())
        os.replace(beside, path)
        for old in sorted(self.folder.glob("epoch-*.npz"))[: -self.last]:
            old.unlink()

    def on_train_end(self, logs=None):
        if any(self.folder.glob("epoch-*.npz")):
            self.load_mean(self.model, self.folder)

    @staticmethod
    def load_mean(model, folder):
        """Sets the model's weights to the mean of the epochs kept in `folder`.

        Raises:
            FileNotFoundError: when no epoch is kept there.
        """
        files = sorted(pathlib.Path(folder).glob("epoch-*.npz"))
        if not files:
            raise FileNotFoundError(
                f"Expected epoch-….npz files in {folder}; received none. Train an epoch first."
            )
        totals = None
        for path in files:
            with np.load(path, allow_pickle=False) as arrays:
                weights = [arrays[f"arr_{i}"].astype("float64") for i in range(len(arrays.files))]
            if totals is None:
                totals = weights
            else:
                totals = [a + b for a, b in zip(totals, weights, strict=True)]
        model.set_weights([total / len(files) for total in totals])
