"""Keras' own settings reach models, losses, metrics and searches, and change no meaning."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from closeness import assert_close, rounding
from kerasseq.decoding import Beam, Greedy, Sampling
from kerasseq.metrics import Perplexity, TokenAccuracy
from kerasseq.models import AttentionSeq2Seq, RecurrentSeq2Seq, Transformer
from kerasseq.training import SequenceCrossentropy

MODELS = {
    "transformer": lambda **options: Transformer(9, 9, 8, 1, 2, dropout=0.0, **options),
    "attention": lambda **options: AttentionSeq2Seq(9, 9, 8, 8, dropout=0.0, **options),
    "recurrent": lambda **options: RecurrentSeq2Seq(9, 9, 8, 8, dropout=0.0, **options),
}


@pytest.fixture(params=MODELS)
def make(request):
    """A function that makes one kind of model, always with the same weights."""

    def made(**options):
        keras.utils.set_random_seed(7)
        return MODELS[request.param](**options)

    return made


@pytest.fixture
def floatx():
    """Sets Keras' default dtype for one test."""
    yield keras.config.set_floatx
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def tokens(rows=8):
    """A batch of `fit`: inputs, ids and weights, with padding."""
    numbers = np.random.default_rng(1)
    source = numbers.integers(4, 9, (rows, 5)).astype("int32")
    target = numbers.integers(4, 9, (rows, 4)).astype("int32")
    source[:, -1], target[:, 0] = 3, 2
    source[::2, 3:] = [3, 0]
    following = np.pad(target[:, 1:], [(0, 0), (0, 1)], constant_values=3)
    weights = np.ones((rows, 4), "float32")
    weights[::2, 2:] = 0
    return {"source": source, "target": target}, following, weights


def fitted(model, epochs=1, batch_size=4, optimizer=None, **options):
    """The model's history, and its weights after training."""
    model.compile(
        optimizer or keras.optimizers.SGD(0.5),
        SequenceCrossentropy(0.1),
        weighted_metrics=[Perplexity(), TokenAccuracy()],
        **options,
    )
    x, y, weights = tokens()
    history = model.fit(x, y, batch_size, epochs, 0, sample_weight=weights, shuffle=False).history
    return history, model.get_weights()


def answers(model, search):
    found = model.generate(tokens()[0]["source"], search, start_id=2, end_id=3, max_length=6)
    return found.to_numpy()


def check_like(ours, theirs, tolerance):
    """Holds histories and weights of two trainings against each other."""
    for name, values in theirs[0].items():
        np.testing.assert_allclose(ours[0][name], values, rtol=tolerance, err_msg=name)
    for one, other in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance)


@pytest.mark.parametrize("name", ["float64", "float16"])
def test_another_float_is_another_precision(make, floatx, name):
    expected, (history, _) = make(), fitted(make())
    floatx(name)
    keras.config.set_dtype_policy(name)
    model = make()
    assert {weight.dtype for weight in model.weights} == {name}
    model.set_weights(expected.get_weights())
    for search in (Greedy(), Beam(3, 0.6, n_best=2), Sampling(seed=1)):
        found, right = answers(model, search), answers(expected, search)
        assert found.scores.dtype == "float32" and np.isfinite(found.scores).all()
        np.testing.assert_allclose(found.scores[:, 0], right.scores[:, 0], rtol=0.05)
    found, weights = fitted(model)
    for key, (value,) in history.items():
        assert found[key][0] == pytest.approx(value, rel=1e-3 if name == "float64" else 0.1), key
    assert all(np.isfinite(np.asarray(weight, "float32")).all() for weight in weights)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_mixed_policy_trains_float32_weights(make, floatx, policy):
    expected = fitted(make())
    keras.config.set_dtype_policy(policy)
    model = make()
    assert {weight.dtype for weight in model.weights} == {"float32"}
    ours = fitted(model)
    check_like(ours, expected, 0.1)
    assert type(model.optimizer).__name__ == (
        "LossScaleOptimizer" if policy == "mixed_float16" else "SGD"
    )
    assert np.isfinite(answers(model, Beam(3)).scores).all()


def test_a_step_by_step_run_learns_the_same(make):
    check_like(fitted(make(), run_eagerly=True), fitted(make()), rounding())


def test_several_steps_an_execution_learn_the_same(make):
    check_like(fitted(make(), steps_per_execution=2), fitted(make()), rounding())


def test_gradients_are_accumulated_over_batches(make):
    halves = keras.optimizers.SGD(0.5, gradient_accumulation_steps=2)
    model, whole = make(), make()
    x, y, weights = tokens()
    weights[:] = 1  # batches of as many tokens, so that their mean is the whole one's
    for each, batch_size, optimizer in ((model, 4, halves), (whole, 8, keras.optimizers.SGD(0.5))):
        each.compile(optimizer, SequenceCrossentropy())
        each.fit(x, y, batch_size, 2, 0, sample_weight=weights, shuffle=False)
    for one, other in zip(model.get_weights(), whole.get_weights(), strict=True):
        assert_close(one, other)


def test_xla_learns_the_same(make):
    check_like(fitted(make(), jit_compile=True), fitted(make()), rounding())


def test_keras_exports_teacher_forcing(make, tmp_path):
    model, (inputs, *_) = make(), tokens()
    model.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "model"))
    for rows in (8, 3):
        part = {name: tf.constant(value[:rows]) for name, value in inputs.items()}
        assert_close(served.serve(part), model(part))
