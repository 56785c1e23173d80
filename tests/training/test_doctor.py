"""The training doctor, beside real training and on numbers."""

import pathlib

import keras
import numpy as np
import pytest

from kerasseq import Translator
from kerasseq.data import ParallelText
from kerasseq.doctor import (
    DoctorWarning,
    check_attention,
    check_losses,
    check_norms,
    check_rates,
)
from kerasseq.models import Transformer
from kerasseq.reports import examine_run
from kerasseq.text import WordTokenizer
from kerasseq.training import Doctor, ExactResume, LinearWarmup, TranslationMetrics
from kerasseq.training.doctor import attention_to

ROOT = pathlib.Path(__file__).parents[2]


def names(findings):
    return [each.name for each in findings]


def test_rates_that_rise_to_the_end_are_told():
    assert names(check_rates(np.linspace(0, 1, 20))) == ["warm-up"]
    assert check_rates([1.0] * 20) == check_rates([0.0, 0.5, 1.0, 1.0]) == []
    assert check_rates([0.0, 1.0, 0.5]) == check_rates([]) == []


def test_losses_that_stay_or_rise_are_told():
    assert names(check_losses([4.0, 4.01, 3.99, 4.0])) == ["loss"]
    assert names(check_losses([4.0, 1.0, 0.5, 3.0])) == ["loss"]
    assert names(check_losses([4.0, 9.0, 9.0, 9.0])) == ["loss"]
    assert names(check_losses([4.0, 3.0, float("nan")])) == ["loss"]
    assert check_losses([4.0, 3.0, 2.9, 2.95]) == check_losses([4.0, 4.0]) == []
    assert check_losses([1.0, 0.001, 0.0012, 0.0014]) == []


def test_norms_are_held_against_the_usual():
    assert names(check_norms([1.0] * 8 + [31.0])) == names(check_norms([1.0] * 8 + [np.inf]))
    assert check_norms([1.0] * 8 + [29.0]) == check_norms([1.0] * 7 + [99.0]) == []


def test_attention_that_does_not_move_is_told():
    even, last = np.full((5, 6), 1 / 6), np.eye(6)[[5] * 5]
    assert names(check_attention([even])) == names(check_attention([last, even])) == ["attention"]
    assert check_attention([np.eye(6)[:5]]) == check_attention([np.full((2, 6), 1 / 6)]) == []


def test_the_attention_looked_at_is_that_of_writing():
    translator = Translator.load(ROOT / "saved_models" / "numbers_en_de")
    source = translator.examples[0]
    written = translator.attention(source)
    (found,) = attention_to(translator, [(source, written.text)])
    assert found.shape == written.attention.shape
    np.testing.assert_allclose(found, written.attention, atol=1e-4)
    assert check_attention([found]) == []


def test_a_run_that_learns_nothing_and_copies_is_told_once(number_text):
    pairs = [pair for pair in number_text[0] if len(pair[0].split()) == 3][:40]
    source, target = (WordTokenizer.train(side) for side in zip(*pairs, strict=True))
    keras.utils.set_random_seed(1)
    model = Transformer(
        source.vocabulary_size, target.vocabulary_size, hidden_dim=8, num_layers=1, num_heads=1,
        feed_forward_dim=8,
    )  # fmt: skip
    for variable in model.trainable_variables:
        if "cross_attention" in variable.path:
            variable.assign(np.zeros(variable.shape))
    translator = Translator(model, source, target, search="greedy", max_length=12)
    rate = LinearWarmup(1e-12, 500)
    model.compile(keras.optimizers.Adam(rate), **translator.objective())
    told = []
    quality = TranslationMetrics(list, pairs[:12])
    doctor = Doctor(translator, pairs, quality, say=told.extend)
    batches = ParallelText.from_pairs(pairs).batches(source, target, batch_size=2, cache=True)
    model.fit(batches, epochs=8, callbacks=[quality, doctor], verbose=0)
    assert sorted(names(told)) == ["copies", "loss", "warm-up"]  # targets of one word
    longer = [(one, f"{other} {other} {other}") for one, other in pairs]
    assert names(check_attention(attention_to(translator, longer))) == ["attention"]


def plain(kind, rate, *callbacks, told, epochs=1, leap=1000):
    """A linear model, one row a batch, whose targets leap in the middle of an epoch."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(0).standard_normal((400, 3)).astype("float32")
    y = x.sum(1, keepdims=True)
    y[240:] *= leap
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(getattr(keras.optimizers, kind)(rate), "mse")
    doctor = Doctor(say=told.extend)
    callbacks = [doctor, *callbacks]
    model.fit(x, y, batch_size=1, epochs=epochs, shuffle=False, callbacks=callbacks, verbose=0)
    return doctor


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_gradients_that_explode_are_told_whatever_the_optimizer(kind):
    told = []
    doctor = plain(kind, 1e-4, told=told)
    assert names(told).count("gradients") == 1 and len(doctor.norms) >= 19
    assert np.isfinite(doctor.norms).all() and min(doctor.norms) > 1e-3


def test_a_norm_is_that_of_the_gradients():
    """One batch after the other: what Adam remembers gives back the last mean square."""
    optimizer = keras.optimizers.Adam(0.0, beta_2=0.9)
    doctor = Doctor()
    doctor._squares = [0.0, 0]
    variable = keras.Variable(np.zeros(3, "float32"))
    optimizer.build([variable])
    doctor.norms, doctor.said = [], []
    doctor.set_model(keras.Sequential())
    doctor.model.optimizer = optimizer
    for size in (3.0, 5.0):
        for _ in range(4):
            optimizer.apply([keras.ops.full((3,), size)], [variable])
        doctor._add_norm()
    np.testing.assert_allclose(doctor.norms, [3 * 3**0.5, 5 * 3**0.5], rtol=1e-3)


def test_the_doctor_goes_on_with_a_run(tmp_path):
    told = []
    for epochs in (2, 4):
        doctor = plain("Adam", 0.0, ExactResume(tmp_path / "run"), told=told, epochs=epochs, leap=1)
    assert names(told) == ["loss"] == doctor.said  # it was told in the first two epochs
    assert len(doctor.losses) > 20


def test_fit_warns_of_its_corpus(number_text):
    translator = Translator.load(ROOT / "saved_models" / "numbers_en_de")
    turned = ParallelText.from_pairs(pair[::-1] for pair in number_text[0][:200])
    with pytest.warns(DoctorWarning, match="direction of the tokenizers"):
        translator.fit(turned, epochs=1, batch_size=64, verbose=0)


def test_a_run_is_examined_by_its_files(tmp_path):
    results = ROOT / "docs" / "results" / "numbers"
    for name in ("recipe.toml", "batches.json"):
        (tmp_path / name).write_bytes((results / name).read_bytes())
    (tmp_path / "log.txt").write_text(
        "2026-01-01 00:00:00  training: 9 of 90 (10.0%) pairs have an empty side and are dropped\n"
        "2026-01-01 00:00:00  validation: 1 of 900 (0.1%) pairs are longer than max_length=40\n"
        "2026-01-01 00:00:00  doctor (turned): Expected one language on each side; received two.\n"
        "2026-01-01 00:00:00  doctor (loss): Expected a loss that falls; received 4 at first.\n",
        encoding="utf-8",
    )
    (tmp_path / "history.csv").write_text("epoch,loss\n0,4.0\n1,4.1\n2,4.0\n", encoding="utf-8")
    assert names(examine_run(tmp_path)) == ["empty sides", "turned", "loss"]
    assert examine_run(results) == []


def test_a_loss_that_luck_moves_is_no_finding():
    numbers = np.random.default_rng(0)
    for _ in range(200):
        falling = np.exp(-np.arange(20) / 12) * (1 + 0.1 * numbers.standard_normal(20))
        assert all(check_losses(falling[:count].tolist()) == [] for count in range(10, 21))
        flat = 1.6 * (1 + 0.002 * numbers.standard_normal(20))
        assert names(check_losses(flat.tolist())) == ["loss"]
        rising = np.concatenate([falling[:10], falling[9] + np.linspace(0.2, 2, 10)])
        assert names(check_losses(rising.tolist())) == ["loss"]
