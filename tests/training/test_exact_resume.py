"""A run that was interrupted anywhere ends as one that was not."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasseq.training import BestQuality, CheckpointAverage, ExactResume, RaiseOnNonFiniteLoss

EPOCHS, BATCHES = 4, 5


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    """Ends the process' training behind a batch, and before anything is saved there."""

    not_resumed = ("epoch", "place")

    def __init__(self, epoch, batch):
        super().__init__()
        self.place = epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.place:
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
    for place in [(0, 3), (2, 0)]:
        with pytest.raises(Killed):
            train(tmp_path, [Kill(*place)], data, every_steps=2)
    assert train(tmp_path, data=data, every_steps=2) == whole(data=data)
