"""R-Drop: a model reads a batch twice, and learns to say the same."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import Translator
from kerasseq.models import Transformer
from kerasseq.recipes import load_recipe
from kerasseq.recipes.courses import course_of
from kerasseq.training import AccumulatedCrossentropy, SequenceCrossentropy

ROOT = pathlib.Path(__file__).parents[2]
# A model whose second reading of a batch differs from the first as a dropped unit would make it.
PROGRAM = """
import json
import keras
import numpy as np
from kerasseq.models import Transformer
from kerasseq.training import SequenceCrossentropy

class Wavering(Transformer):
    readings = 0
    def decode(self, target, memory, training=False):
        self.readings += 1
        return super().decode(target, memory, training) * (1.0 + 0.5 * (self.readings % 2))

numbers, model = np.random.default_rng(0), Wavering(9, 9, 8, 1, 2, dropout=0.0)
model.set_weights([0.4 * numbers.standard_normal(each.shape) for each in model.weights])
target = numbers.integers(4, 9, (3, 4)).astype("int32")
target[1, 2:] = 0
x, weights = {"source": target[:, ::-1], "target": target}, (target > 0).astype("float32")
model.readings = 1  # the next are 2, which is plain, and 3, which is not
logits = [model(x), model(x)]
model.compile(keras.optimizers.SGD(0.1), SequenceCrossentropy(0.1, r_drop=3.0))
once = float(model.compute_loss(x, target, logits[0], weights, training=False))
assert model.readings == 3  # evaluation does not read again
losses = [float(model.train_on_batch(x, target, weights)) for _ in range(3)]
logits = [keras.ops.convert_to_numpy(each).tolist() for each in logits]
print(json.dumps([keras.backend.backend(), logits, target.tolist(), once, losses]))
"""


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def expected(logits, target, smoothing, weight):
    """Half of equation 4 of Liang et al. (2021), and the plain loss of the first reading."""
    first, second = (log_softmax(np.array(each)) for each in logits)
    target = np.array(target)
    real = target > 0

    def crossentropy(log_p):
        chosen = np.take_along_axis(log_p, target[..., None], axis=-1)[..., 0]
        return -((1 - smoothing) * chosen + smoothing * log_p.mean(axis=-1))[real].mean()

    def divergence(log_p, log_q):
        return (np.exp(log_p) * (log_p - log_q)).sum(axis=-1)[real].mean()

    both = (crossentropy(first) + crossentropy(second)) / 2
    apart = divergence(first, second) + divergence(second, first)
    return crossentropy(first), both + weight / 4 * apart


def said(backend, capsys):
    """What the program prints under a backend: here, where it is the tests' own."""
    if backend == keras.backend.backend():
        exec(PROGRAM, {})
        return capsys.readouterr().out
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"KERAS_BACKEND": backend},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_loss_is_that_of_two_readings_and_of_how_far_they_are_apart(backend, capsys):
    used, logits, target, once, losses = json.loads(said(backend, capsys).splitlines()[-1])
    assert used == backend
    assert_close([once, losses[0]], expected(logits, target, 0.1, 3.0), terms=200)
    assert losses[0] > once and losses[2] < losses[0]


def test_a_batch_that_is_part_of_a_step_counts_by_its_weight():
    numbers = np.random.default_rng(0)
    first, second = numbers.standard_normal((2, 3, 4, 9)).astype("float32")
    weights = (numbers.random((3, 4)) < 0.7).astype("float32")
    whole = SequenceCrossentropy(r_drop=1.0).divergence(first, second, weights)
    part = AccumulatedCrossentropy(r_drop=1.0).divergence(first, second, 0.25 * weights)
    assert_close(part, 0.25 * np.array(whole), terms=200)
    bare = SequenceCrossentropy(r_drop=1.0).divergence(first, second)
    assert_close(bare, SequenceCrossentropy().divergence(first, second, np.ones((3, 4))), terms=200)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), "5"])
def test_another_weight_is_refused(value):
    with pytest.raises(ValueError, match="r_drop of 0 or above"):
        SequenceCrossentropy(r_drop=value)


def test_it_is_saved_with_the_loss():
    loss = SequenceCrossentropy(0.1, r_drop=5.0)
    assert SequenceCrossentropy.from_config(loss.get_config()).r_drop == 5.0


def test_units_are_dropped_in_both_readings():
    model = Transformer(9, 9, 8, 1, 2, dropout=0.5)
    model.compile("sgd", SequenceCrossentropy(r_drop=1.0))
    asked = []
    call = model.call

    def listening(inputs, training=False):
        asked.append(training)
        return call(inputs, training=training)

    model.call = listening
    ids = np.full((2, 3), 5, "int32")
    x = {"source": ids, "target": ids}
    model.compute_loss(x, ids, model(x, training=True), np.ones((2, 3), "float32"))
    assert asked == [True, True]


def test_a_recipe_passes_it_on():
    course = course_of(load_recipe("multi30k", ["training.r_drop=5.0"]))
    translator = Translator.__new__(Translator)  # of which nothing is asked
    found = course.objective(translator)["loss"]
    assert (found.label_smoothing, found.r_drop) == (0.1, 5.0)
