"""A run that was interrupted anywhere ends as one that was not."""

import errno
import itertools
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasseq.folder_lock import lock, unlock
from kerasseq.training import BestQuality, CheckpointAverage, ExactResume, RaiseOnNonFiniteLoss

EPOCHS, BATCHES = 4, 5


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    """Ends the process' training behind a batch, before anything is saved there; or, without a
    batch, behind an epoch's last, when validation begins."""

    not_resumed = ("epoch", "place")

    def __init__(self, epoch, batch=None):
        super().__init__()
        self.place = epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.place:
            raise Killed

    def on_test_begin(self, logs=None):
        if (self.epoch, None) == self.place:
            raise Killed


class DrawsItself(keras.callbacks.Callback):
    """Remembers numbers that it draws, and where it was."""

    not_resumed = ("clock",)

    def __init__(self):
        super().__init__()
        self.drawn, self.best, self.seen = [], float("inf"), {}

    def on_epoch_begin(self, epoch, logs=None):
        self.clock = np.random.rand()
        if epoch == 0:
            self.begun = self.clock

    def on_train_batch_end(self, batch, logs=None):
        self.seen[batch] = self.seen.get(batch, 0) + logs["loss"]

    def on_epoch_end(self, epoch, logs=None):
        self.drawn.append((epoch, np.random.rand(), np.float32(logs["loss"])))
        self.best = min(self.best, logs["val_loss"])


def arrays():
    draw = np.random.default_rng(0)
    x = draw.standard_normal((BATCHES * 8, 6)).astype("float32")
    return x, (x.sum(1, keepdims=True) > 0).astype("float32")


class Turns(keras.utils.PyDataset):
    """Rows whose order is the last epoch's, shuffled."""

    def __init__(self):
        super().__init__()
        self.data, self.draw = arrays(), np.random.default_rng(1)
        self.order = np.arange(BATCHES * 8)

    def __len__(self):
        return BATCHES

    def __getitem__(self, index):
        rows = self.order[8 * index : 8 * index + 8]
        return tuple(part[rows] for part in self.data)

    def on_epoch_end(self):
        self.draw.shuffle(self.order)


def endless():
    for turn in itertools.count():
        x, y = arrays()
        yield np.roll(x[:8], turn, 0), np.roll(y[:8], turn, 0)


DATA = {
    "tf.data": lambda: {
        "x": tf.data.Dataset.from_tensor_slices(arrays()).cache().shuffle(40, seed=3).batch(8)
    },
    "of unknown length": lambda: {
        "x": DATA["tf.data"]()["x"].filter(lambda *_: True),
    },
    "arrays": lambda: dict(zip("xy", arrays(), strict=True)) | {"batch_size": 8},
    "turns": lambda: {"x": Turns()},
    "generator": lambda: {"x": endless(), "steps_per_epoch": BATCHES},
}


def train(folder, further=(), data="tf.data", **options):
    """A script as a user writes it: dropout, averaged weights, a schedule, early stopping."""
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.layers.Dense(8, "relu"),
            keras.layers.Dropout(0.3),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 7, 0.9)
    model.compile(
        keras.optimizers.Adam(schedule, use_ema=True, ema_overwrite_frequency=None),
        "binary_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=options.pop("steps_per_execution", 1),
    )
    own = DrawsItself()
    stop = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    history = model.fit(
        **DATA[data](),
        validation_data=arrays(),
        epochs=options.pop("epochs", EPOCHS),
        verbose=0,
        callbacks=[
            own,
            *further,
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            RaiseOnNonFiniteLoss(),
            ExactResume(folder, **options),
            stop,
            CheckpointAverage(folder / "epochs", 2),
            BestQuality("val_accuracy"),
        ],
    )
    held = [own.drawn, own.best, own.begun, own.seen, stop.wait, stop.best, stop.best_epoch]
    scores = [history.history, history.epoch, model.evaluate(*arrays(), verbose=0)]
    seeds = [each.state.numpy().tolist() for each in model.layers[1]._seed_generators]
    weights = [each.tobytes() for each in model.get_weights()]
    return weights, held, scores, seeds


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A function from options to what such a run ends with when it is not interrupted."""
    found = {}

    def run(**options):
        key = str(sorted(options.items()))
        if key not in found:
            found[key] = train(tmp_path_factory.mktemp("whole") / "run", **options)
        return found[key]

    return run


@pytest.mark.parametrize("data", DATA)
def test_a_killed_run_ends_as_the_whole_one(whole, tmp_path, data):
    for place in [(0, 3), (2, 0)] if data == "tf.data" else [(2, 3)]:
        with pytest.raises(Killed):
            train(tmp_path, [Kill(*place)], data, every_steps=2)
    assert train(tmp_path, data=data, every_steps=2) == whole(data=data)


@pytest.mark.parametrize("data", ["tf.data", "of unknown length"])
def test_a_run_that_is_killed_behind_an_epoch_s_last_batch_goes_on(whole, tmp_path, data):
    for epoch in (0, 2):
        with pytest.raises(Killed):
            train(tmp_path, [Kill(epoch)], data, every_steps=1)
    assert train(tmp_path, data=data, every_steps=BATCHES) == whole(data=data)


def test_a_full_disk_and_a_damaged_checkpoint_lose_steps_alone(whole, tmp_path, monkeypatch):
    written, sync = [], os.fsync

    def full(handle):
        written.append(handle)
        if len(written) > 45:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="Expected to write a checkpoint.*No space left.*whole"):
            train(tmp_path, every_steps=2)
    _, newest = sorted(path.name for path in tmp_path.glob("epoch-*-batch-??????"))
    (tmp_path / f"{newest}.abc" / "part").mkdir(parents=True)  # what a killed writer leaves
    weights = tmp_path / newest / "state.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    with pytest.warns(UserWarning, match=f"passed over.*{newest}/state.safetensors.*other bytes"):
        assert train(tmp_path, every_steps=2) == whole(data="tf.data")
    kept = sorted(path.name for path in tmp_path.glob("epoch-*"))
    assert kept == ["epoch-0003-batch-000004", "epoch-0004-batch-000000"]
    # It had ended: it ends again, and trains nothing.
    assert train(tmp_path, [Kill(3, 0)]) == whole(data="tf.data")
    with pytest.raises(ValueError, match="Expected data as the run .*none; received abc.*Put it"):
        train(tmp_path, depends_on={"data": "abc"})
    for name in kept:
        (tmp_path / name / "state.json").write_text("{}")
    with (
        pytest.raises(ValueError, match="whole checkpoint.*received 2 damaged ones"),
        pytest.warns(UserWarning, match="passed over"),
    ):
        train(tmp_path)


def test_another_process_is_refused_and_a_dead_one_is_not(tmp_path):
    code = (
        "import sys, time; from kerasseq.folder_lock import lock; lock(sys.argv[1])\n"
        "print(1, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(BlockingIOError, match=f"received one that process {other.pid} works"):
            train(tmp_path)
        other.kill()
    assert lock(tmp_path) == other.pid
    assert lock(tmp_path) is None  # this process has it
    unlock(tmp_path)
    assert lock(tmp_path) is None  # nobody was ended in it
    unlock(tmp_path)


def test_another_model_is_refused_by_its_first_variable(tmp_path):
    def fit(width):
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(width, name="wide")])
        model.compile("sgd", "mse")
        model.fit(*arrays(), verbose=0, epochs=2, callbacks=[ExactResume(tmp_path)])

    fit(1)
    state = json.loads((tmp_path / "epoch-0002-batch-000000" / "state.json").read_text())
    assert state["epoch"] == 2 and state["environment"]["keras"] == keras.__version__
    with pytest.raises(ValueError, match=r"model:00000 was \(6, 1\) .* and is \(6, 2\)"):
        fit(2)


@pytest.mark.parametrize("option", ["every_steps", "every_minutes"])
def test_checkpoints_come_after_something(tmp_path, option):
    with pytest.raises(ValueError, match=f"{option} above 0; received 0"):
        ExactResume(tmp_path, **{option: 0})
