"""Checkpoint averaging: the mean of the last epochs' weights."""

import os
import pathlib
import zipfile

import keras
import numpy as np

from kerasseq.files import sync
from kerasseq.untrusted import check_place, reading


class CheckpointAverage(keras.callbacks.Callback):
    """Writes the last epochs' weights to disk and loads their mean when training ends.

    Vaswani et al. 2017, section 6.1, average their last checkpoints. The files survive an
    interrupted run, so a resumed run averages the same epochs.

    Args:
        folder: path of the folder for the `.npz` files, one an epoch.
        last: int, how many epochs to average.
        start_epoch: int, the first epoch (from 0) that may enter the mean; when training ends
            before it, the weights are not changed.

    Raises:
        ValueError: for `last` below 1.
    """

    def __init__(self, folder, last=5, start_epoch=0):
        super().__init__()
        if last < 1:
            raise ValueError(
                f"Expected at least 1 epoch to average; received last={last}. Raise last."
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
        sync(beside)
        os.replace(beside, path)
        for old in sorted(self.folder.glob("epoch-*.npz"))[: -self.last]:
            old.unlink()

    def on_train_end(self, logs=None):
        if any(self.folder.glob("epoch-*.npz")):
            self.load_mean(self.model, self.folder)

    @staticmethod
    def load_mean(model, folder):
        """Sets the model's weights to the mean of the epochs in `folder`.

        Raises:
            FileNotFoundError: for a folder without an epoch's file.
            ValueError: for a damaged file, or one of another model.
        """
        files = sorted(pathlib.Path(folder).glob("epoch-*.npz"))
        if not files:
            raise FileNotFoundError(
                f"Expected epoch-….npz files in {folder}; received none. Train an epoch first."
            )
        totals = [np.zeros(weight.shape) for weight in model.weights]
        for path in files:
            with reading(path, "an epoch's weights of this model", "Train in a new folder."):
                for total, weight in zip(totals, _read(path), strict=True):
                    if total.shape != weight.shape:
                        raise ValueError(f"weights of shape {weight.shape}, not {total.shape}")
                    total += weight
        model.set_weights([total / len(files) for total in totals])


def _read(path):
    """The arrays of a file, which is not packed: it holds no more than its length."""
    check_place(path, path.parent)
    with zipfile.ZipFile(path) as archive:
        size = sum(each.file_size for each in archive.infolist())
    if size > path.stat().st_size:
        raise ValueError(f"{size} bytes in a file of {path.stat().st_size}")
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[f"arr_{index}"] for index in range(len(arrays.files))]
