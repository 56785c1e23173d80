"""Large steps in little memory are those of a machine with room: parts, halves, done twice."""

import csv

import keras
import pytest
import tensorflow as tf

import fresh_process
from closeness import assert_close
from kerasseq.data import ParallelText
from kerasseq.data.accumulated_batches import accumulated_batches
from kerasseq.data.numbers import number_pairs
from kerasseq.models import Transformer
from kerasseq.recipes import load_recipe, train
from kerasseq.recipes.build import build_optimizer, count_steps
from kerasseq.text import WordTokenizer
from kerasseq.training import AccumulatedCrossentropy, AccumulatedSchedule, SequenceCrossentropy

# Two steps with half of all activations dropped: the weights tell of every gradient.
TWICE = """
import keras, numpy as np
from kerasseq.models import Transformer
from kerasseq.training import SequenceCrossentropy

drawn = np.random.default_rng(0)
ids = drawn.integers(4, 9, (6, 5))
ids[:3, 3:] = 0
batch = {"source": ids, "target": np.roll(ids, 1, 1)}, ids, (ids > 0).astype("float32")
found = []
for again in (False, True):
    keras.utils.set_random_seed(3)
    model = Transformer(
        9, 9, 8, 2, 2, 12, dropout=0.5, attention_dropout=0.5, activation_dropout=0.5,
        positions="relative",
    )
    model.rematerialize = again
    model.compile(keras.optimizers.SGD(0.5), SequenceCrossentropy())
    for _ in range(2):
        model.train_on_batch(*batch)
    found.append([keras.ops.convert_to_numpy(each) for each in model.weights])
difference = max(np.abs(one - other).max() for one, other in zip(*found, strict=True))
print(difference)
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_blocks_that_are_computed_twice_have_the_same_gradients(backend):
    if backend == keras.backend.backend():
        found = {}
        exec(TWICE, found)
        difference = found["difference"]
    else:
        printed = fresh_process.run(TWICE, KERAS_BACKEND=backend)
        difference = float(printed.splitlines()[-1])
    assert difference < 1e-4


def halves(batches):
    """Each batch as two of half the rows, whose tokens are not as many."""
    spec = batches.element_spec

    def cut():
        for x, y, weight in batches:
            half = len(y) // 2
            for rows in (slice(half), slice(half, None)):
                yield {name: ids[rows] for name, ids in x.items()}, y[rows], weight[rows]

    cut = tf.data.Dataset.from_generator(cut, output_signature=spec)
    return cut.apply(tf.data.experimental.assert_cardinality(2 * len(batches)))


@pytest.mark.parametrize("schedule", ["cosine", "inverse_square_root", "constant"])
def test_accumulated_steps_are_those_of_large_batches(schedule):
    pairs = number_pairs("german", 100, 1, 1)[0][:96]
    words = WordTokenizer.train(line for pair in pairs for line in pair)
    batches = ParallelText.from_pairs(pairs).batches(words, words, batch_size=32)
    section = {
        "epochs": 2, "schedule": schedule, "warmup_steps": 2, "learning_rate": 0.01,
        "clip_norm": 0.1, "epsilon": 1e-3,
    }  # fmt: skip
    found = []
    for parts in (1, 2):
        keras.utils.set_random_seed(1)
        model = Transformer(*[words.vocabulary_size] * 2, 8, 1, 2, 8, dropout=0.0)
        given = section | ({"accumulation_steps": 2} if parts > 1 else {})
        steps = count_steps(given, len(batches) * parts)
        assert steps == 2 * len(batches)
        loss = AccumulatedCrossentropy if parts > 1 else SequenceCrossentropy
        model.compile(build_optimizer(given, steps), loss(0.1))
        learned = accumulated_batches(halves(batches), 2) if parts > 1 else batches
        model.fit(learned, epochs=2, shuffle=False, verbose=0)
        assert int(model.optimizer.iterations) == steps
        found.append(model.get_weights())
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs, terms=2000)


def test_an_accumulated_schedule_is_read_back():
    schedule = AccumulatedSchedule(keras.optimizers.schedules.CosineDecay(1.0, 10), 4)
    copied = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    for each in (schedule, copied):
        rates = [float(each(step)) for step in (0, 3, 4, 20)]
        assert rates == pytest.approx([1, 1, 0.975528, 0.5], abs=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    parts = number_pairs("german", 150, 30, 1)
    for name, pairs in zip(("train", "dev"), parts, strict=False):
        (folder / f"{name}.tsv").write_text(
            "".join("\t".join(pair) + "\n" for pair in [("en", "de"), *pairs])
        )
    (folder / "recipe.toml").write_text(
        f"""
        [data]
        train = "{folder}/train.tsv"
        validation = "{folder}/dev.tsv"
        source = "en"
        target = "de"
        [joint_tokenizer]
        kind = "word"
        [batches]
        batch_size = 64
        [model]
        kind = "Transformer"
        hidden_dim = 8
        num_layers = 1
        num_heads = 2
        dropout = 0.0
        [training]
        epochs = 2
        seed = 2
        learning_rate = 0.01
        schedule = "cosine"
        """
    )
    return folder


def test_a_recipe_takes_large_steps_in_little_memory(folder):
    def trained(*overrides):
        run = folder / "_".join(each.partition("=")[0] for each in ("run", *overrides))
        recipe = load_recipe(folder / "recipe.toml", [f"training.{each}" for each in overrides])
        model = train(recipe, run).model
        rows = list(csv.DictReader((run / "history.csv").open()))
        return model, [float(row["val_loss"]) for row in rows]

    plain, losses = trained()
    again, found = trained("rematerialize=true")
    assert again.rematerialize and not plain.rematerialize
    assert found == pytest.approx(losses, rel=1e-4)
    half, found = trained("precision='mixed_float16'")
    assert isinstance(half.optimizer, keras.optimizers.LossScaleOptimizer)
    assert half.optimizer.inner_optimizer.iterations == plain.optimizer.iterations
    assert found == pytest.approx(losses, rel=0.02) and half.weights[0].dtype == "float32"
    accumulated, found = trained("accumulation_steps=3")
    batches = int(plain.optimizer.iterations) // 2
    assert int(accumulated.optimizer.iterations) == 2 * -(-batches // 3)
    assert found[1] < found[0]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["training.ema=0.9", "training.accumulation_steps=2"], "without training.ema"),
        (["training.precision=mixed_float16", "training.accumulation_steps=2"], "overflow"),
        (["model.kind=RecurrentSeq2Seq", "training.rematerialize=true"], "Transformer"),
    ],
)
def test_what_cannot_be_is_refused_before_a_run_is_claimed(folder, overrides, message, tmp_path):
    recipe = load_recipe(folder / "recipe.toml", overrides)
    if "Recurrent" in overrides[0]:
        recipe["model"] = {"kind": "RecurrentSeq2Seq", "embedding_dim": 4, "hidden_dim": 4}
    with pytest.raises(ValueError, match=message):
        train(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()
