"""Recipes that are killed and started again."""

import csv
import subprocess
import sys

import h5py
import keras
import pytest

from kerasseq.manifest import hash_file
from kerasseq.recipes import load_recipe, train
from kerasseq.recipes.callbacks import BestWeights, HistoryFile


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    """Ends a run at a batch, or at the end of an epoch: before, or behind what it writes there."""

    not_resumed = ("epoch",)

    def __init__(self, epoch, batch=None):
        super().__init__()
        self.place = epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.place:
            raise Killed

    def on_epoch_end(self, epoch, logs=None):
        if (epoch, None) == self.place:
            raise Killed  # the row of this epoch is written, its checkpoint is not


@pytest.fixture
def recipe(tmp_path, number_text):
    """Dropout, averaged weights, early stopping, BLEU: every state that a run has."""
    found = load_recipe("numbers")
    found["data"] = {}
    for part, pairs in zip(("train", "validation"), number_text, strict=False):
        for side, index in (("source", 0), ("target", 1)):
            path = tmp_path / f"{part}.{side}"
            lines = [f"{pair[index]}\n" for pair in pairs[:80]]
            path.write_text("".join(lines), encoding="utf-8")
            found["data"][f"{part}_{side}"] = str(path)
    found["source_tokenizer"] = {"kind": "word"}
    found["target_tokenizer"] = {
        "kind": "sentencepiece",
        "model_type": "unigram",
        "vocabulary_size": 40,
    }
    found["model"] = {
        "kind": "Transformer",
        "hidden_dim": 8,
        "num_layers": 1,
        "num_heads": 2,
        "feed_forward_dim": 8,
        "dropout": 0.2,
    }
    found["batches"] = {"batch_size": 16, "max_length": 40}
    found["training"] = {
        "epochs": 3,
        "learning_rate": 0.01,
        "ema": 0.8,
        "patience": 2,
        "quality_every": 2,
        "checkpoint_steps": 2,
    }
    found["search"], found["translation"] = {}, {"max_length": 5}
    return found


def ended(run):
    names = ("history.csv", "translator/model.safetensors", "translator/translator.json")
    return [(run / name).read_bytes() for name in names]


def test_a_killed_run_ends_with_the_bits_of_the_whole_one(recipe, tmp_path):
    whole, run = tmp_path / "whole", tmp_path / "run"
    train(recipe, whole)
    for place in [(0, 1), (1, None), (2, 3)]:
        with pytest.raises(Killed):
            train(recipe, run, [Kill(*place)])
    train(recipe, run)
    assert ended(run) == ended(whole)
    log = (run / "log.txt").read_text()
    assert "goes on after 1 epochs and" in log and "goes on after 2 epochs and 2 batches" in log
    assert [path.name for path in run.glob("*.part*")] == []


def test_a_run_with_other_data_or_in_another_process_is_refused(recipe, tmp_path):
    run = tmp_path / "run"
    with pytest.raises(Killed):
        train(recipe, run, [Kill(1, 0)])
    code = (
        "import sys, time; from kerasseq.folder_lock import lock; lock(sys.argv[1])\n"
        "print(1, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(BlockingIOError, match=f"received one that process {other.pid}"):
            train(recipe, run)
        other.kill()
    path = tmp_path / "train.target"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n", " eins\n", 1), encoding="utf-8")
    with pytest.raises(ValueError, match="Expected the training data as the run .* began with"):
        train(recipe, run)
    path.write_text(text, encoding="utf-8")


def test_the_best_weights_are_those_that_were_written(recipe, tmp_path):
    # Steps too small to change a weight: the second epoch is no better than the first.
    recipe["training"] = {"epochs": 2, "learning_rate": 1e-12}

    class Damage(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            path = tmp_path / "run" / "best.weights.h5"
            if path.exists():
                path.write_bytes(b"")

    with pytest.raises(ValueError, match=r"best\.weights\.h5 as the run wrote it; received other"):
        train(recipe, tmp_path / "run", [Damage()])


def test_the_best_weights_are_in_their_own_file(tmp_path):
    path = tmp_path / "best.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/a"] = h5py.ExternalLink("other.h5", "/a")
    best = BestWeights(path, "val_perplexity", load=True)
    best.sha256 = hash_file(path)
    with pytest.raises(ValueError, match="Expected the numbers of '/layers/a' .* received a link"):
        best.on_train_end()


def test_a_history_is_its_checkpoint_s(tmp_path):
    path = tmp_path / "history.csv"
    history = HistoryFile(path, ["val_bleu"])
    path.write_text("epoch,loss\n0,1\n1,2\n2,3\n")  # rows of epochs that were not saved
    history.on_epoch_end(0, {"loss": 2.0})
    history.on_epoch_end(1, {"loss": 1.0, "val_bleu": 3.0})
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["epoch", "loss", "val_bleu"], ["0", "2.0", ""], ["1", "1.0", "3.0"]]
