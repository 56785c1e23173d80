"""The encoder-decoder on numbers."""

import keras
import numpy as np
import pytest

from closeness import assert_close, assert_unmoved
from kerasseq.models import RecurrentForecaster
from kerasseq.tasks.weights import load_weights, save_weights


@pytest.fixture(params=["bahdanau", "luong_general"])
def model(request):
    keras.utils.set_random_seed(2)
    return RecurrentForecaster(3, 2, 8, 2, "gru", request.param)


numbers = np.random.default_rng(0)
SOURCE = numbers.standard_normal((4, 7, 3)).astype("float32")
TARGET = numbers.standard_normal((4, 5, 2)).astype("float32")


def values_of(model, source=SOURCE, target=TARGET):
    return keras.ops.convert_to_numpy(model({"source": source, "target": target}))


def test_stepping_equals_the_full_pass(model):
    memory = model.encode(SOURCE)
    state = model.initial_state(memory, 5)
    for t in range(5):
        values, state, attention = model.decode_step(TARGET[:, t], state, memory, t)
        found = keras.ops.convert_to_numpy(values)
        assert_close(found, values_of(model)[:, t])
        sums = keras.ops.convert_to_numpy(attention).sum(1)
        assert_close(sums, 1.0)


def test_no_future_leak_and_no_other_row(model):
    changed = TARGET.copy()
    changed[:, 3:] += 1
    moved = np.abs(values_of(model, target=changed) - values_of(model)).max(axis=(0, 2))
    assert_unmoved(moved[:3], moved[3:], terms=300)
    alone = values_of(model, SOURCE[1:2], TARGET[1:2])
    assert_close(alone[0], values_of(model)[1])


def test_a_forecast_feeds_on_its_own_values(model):
    found = keras.ops.convert_to_numpy(model.forecast(SOURCE, TARGET[:, 0], 5))
    given = np.concatenate([TARGET[:, :1], found[:, :-1]], axis=1)
    assert_close(values_of(model, target=given), found)


def test_config_and_weights_survive_a_save(model, tmp_path):
    save_weights(model, tmp_path / "model.safetensors")
    again = RecurrentForecaster.from_config(model.get_config())
    load_weights(again, tmp_path / "model.safetensors")
    for kept, weight in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)
    assert_close(values_of(again), values_of(model))
    with pytest.raises(NotImplementedError, match="Forecaster"):
        model.score(None, None, None)


def test_it_learns_a_wave_better_than_last_season_again():
    keras.utils.set_random_seed(1)
    time = np.arange(400)
    wave = np.sin(2 * np.pi * time / 12) * (1 + 0.3 * np.sin(2 * np.pi * time / 30))
    starts = range(24, 380)
    source = np.stack([wave[s - 24 : s, None] for s in starts]).astype("float32")
    before = np.stack([wave[s - 1 : s, None] for s in starts]).astype("float32")
    future = np.stack([wave[s : s + 12, None] for s in starts]).astype("float32")
    model = RecurrentForecaster(1, 1, 24)
    model.compile(keras.optimizers.Adam(0.01), "mae")
    target = np.concatenate([before, future[:, :-1]], axis=1)
    model.fit({"source": source[:300], "target": target[:300]}, future[:300], epochs=15, verbose=0)
    found = keras.ops.convert_to_numpy(model.forecast(source[312:], before[312:, 0], 12))
    naive = np.abs(source[312:, -12:] - future[312:]).mean()
    assert np.abs(found - future[312:]).mean() < 0.8 * naive
