"""Attention that alignments guide: it learns where to look, under every backend, and stays so."""

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
from kerasseq.data import ParallelText
from kerasseq.metrics import alignment_error_rate
from kerasseq.models import AttentionSeq2Seq, RecurrentSeq2Seq, Transformer
from kerasseq.text import WordTokenizer
from kerasseq.training import SequenceCrossentropy

ROOT = pathlib.Path(__file__).parents[2]
# Three steps on one batch, from weights that are drawn by NumPy.
PROGRAM = """
import json
import keras
import numpy as np
from kerasseq import models
from kerasseq.metrics import Perplexity
from kerasseq.training import SequenceCrossentropy

MADE = {
    "transformer": lambda: models.Transformer(
        9, 9, 8, 2, 2, dropout=0.0, begin_source=True, alignment_layer=-2, alignment_heads=1),
    "luong": lambda: models.AttentionSeq2Seq(9, 9, 8, 8, dropout=0.0),
    "bahdanau": lambda: models.AttentionSeq2Seq(
        9, 9, 8, 8, attention="bahdanau", cell="gru", dropout=0.0),
}
found = {}
for name, make in MADE.items():
    numbers, model = np.random.default_rng(0), make()
    model.set_weights([0.4 * numbers.standard_normal(each.shape) for each in model.weights])
    source = numbers.integers(4, 9, (3, 5)).astype("int32")
    target = numbers.integers(4, 9, (3, 4)).astype("int32")
    source[1, 3:] = target[1, 2:] = target[2, 3:] = 0
    links = np.zeros((3, 4, 5), "float32")
    links[0, 1, 2], links[1, 0, :2], links[2, 2, 4] = 0.5, 0.25, 0.5
    inputs, weights = {"source": source, "target": target}, (target > 0).astype("float32")
    model.compile(keras.optimizers.SGD(0.1), SequenceCrossentropy(0.1),
                  weighted_metrics=[Perplexity()])
    said = [model.test_on_batch(inputs, target, weights)[0]]
    inputs["links"] = links
    for _ in range(3):
        said += model.train_on_batch(inputs, target, weights)
    attention = keras.ops.convert_to_numpy(
        model.decode_attending(target, model.encode(source))[1])
    found[name] = [[float(each) for each in said], attention.tolist()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def under():
    """What the program finds under each backend."""
    running = {
        backend: subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"KERAS_BACKEND": backend},
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for backend in ("tensorflow", "jax", "torch")
    }
    said = {backend: process.communicate()[0] for backend, process in running.items()}
    return {backend: json.loads(text.splitlines()[-1]) for backend, text in said.items()}


@pytest.mark.parametrize("name", ["transformer", "luong", "bahdanau"])
def test_every_backend_learns_the_same(under, name):
    (plain, first, *later), attention = under["tensorflow"][name]
    assert first > plain and later[-2] < first  # the loss has the alignment's, and falls
    for backend in ("jax", "torch"):
        figures, looks = under[backend][name]
        assert_close(figures, under["tensorflow"][name][0], terms=5000)
        assert_close(looks, attention, terms=5000)


WORDS = [f"w{n}" for n in range(12)]
OTHERS = [f"v{n}" for n in range(12)]


@pytest.fixture(scope="module")
def corpus():
    """Sentences whose words stand in the other language in the other order."""
    numbers, pairs, links = np.random.default_rng(1), [], []
    for _ in range(400):
        chosen = numbers.integers(0, 12, numbers.integers(3, 7)).tolist()
        pairs.append(
            (" ".join(WORDS[n] for n in chosen), " ".join(OTHERS[n] for n in chosen[::-1]))
        )
        links.append(" ".join(f"{len(chosen) - 1 - i}-{i}" for i in range(len(chosen))))
    return ParallelText.from_pairs(pairs).with_alignments(links, 1.0)


SIDES = [WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *each]) for each in (WORDS, OTHERS)]


def learned(model, corpus, epochs):
    model.compile(keras.optimizers.Adam(0.01), SequenceCrossentropy())
    model.fit(
        corpus.batches(*SIDES, batch_size=50, cache=True, shuffle=True), epochs=epochs, verbose=0
    )
    return Translator(model, *SIDES, "greedy", 10)


@pytest.mark.parametrize("kind", ["transformer", "recurrent"])
def test_a_guided_model_says_where_its_words_come_from(corpus, kind, tmp_path):
    keras.utils.set_random_seed(2)
    model = (
        Transformer(
            16, 16, 32, 2, 4, dropout=0.0, norm_first=True, alignment_layer=-2, alignment_heads=1
        )
        if kind == "transformer"
        else AttentionSeq2Seq(16, 16, 16, 32, dropout=0.0)
    )
    translator = learned(model, corpus, 25)
    translator.save(tmp_path / "saved")
    saved, lines = Translator.load(tmp_path / "saved"), list(corpus.sources())[:40]
    gold = [" ".join(f"{n - 1 - i}-{i}" for i in range(n)) for n in map(len, map(str.split, lines))]
    for each in (translator, saved):
        found = [one.alignment() for one in map(each.attention, lines)]
        error = alignment_error_rate(found, gold)
        assert error < 0.1, error
    if kind == "transformer":
        config = saved.model.get_config()
        assert (config["alignment_layer"], config["alignment_heads"]) == (-2, 1)


def test_a_task_that_is_fitted_learns_of_alignments_and_refuses_them_where_nothing_looks(corpus):
    keras.utils.set_random_seed(2)
    losses = {}
    for name, pairs in (("guided", corpus), ("plain", ParallelText.from_pairs(list(corpus)))):
        task = Translator(Transformer(16, 16, 8, 1, 2, dropout=0.0), *SIDES, "greedy", 10)
        task.model.set_weights([np.zeros(each.shape) for each in task.model.weights])
        options = {"epochs": 1, "batch_size": 400, "learning_rate": 1e-9, "label_smoothing": 0.0}
        losses[name] = task.fit(pairs, verbose=0, **options).history["loss"][0]
    # Every position attends alike: log of the source's length, over all tokens with their ends.
    lengths = np.array([len(line.split()) for line in corpus.sources()])
    expected = (lengths * np.log(lengths + 1)).sum() / (lengths + 1).sum()
    assert losses["guided"] - losses["plain"] == pytest.approx(expected, rel=1e-3)
    task = Translator(RecurrentSeq2Seq(16, 16, 8, 8), *SIDES, "greedy", 10)
    with pytest.raises(ValueError, match=r"to learn from alignments; received a Recurrent"):
        task.fit(corpus, epochs=1, verbose=0)


def test_an_older_description_returns_the_last_layer_s_mean():
    config = Transformer(9, 9, 8, 2, 2).get_config()
    old = {key: value for key, value in config.items() if not key.startswith("alignment")}
    model = Transformer.from_config(old)
    ids = np.array([[4, 5, 6]])
    weights = keras.ops.convert_to_numpy(model.attention(ids, ids))[:, -1].mean(1)
    assert_close(model.decode_attending(ids, model.encode(ids))[1], weights)
