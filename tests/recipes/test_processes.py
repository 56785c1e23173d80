"""`kerasseq train` in two processes: what one learns, though each of them is killed on the way."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import safetensors.numpy

from kerasseq.data.numbers import number_pairs
from kerasseq.processes import Process
from kerasseq.recipes import load_recipe, prepare, train

ROOT = pathlib.Path(__file__).parents[2]
RECIPE = """
[data]
train_source = "train.source"
train_target = "train.target"
validation_source = "validation.source"
validation_target = "validation.target"
prepared = "prepared"

[source_tokenizer]
kind = "word"

[target_tokenizer]
kind = "word"

[batches]
batch_size = 32
max_length = 8

[model]
kind = "Transformer"
hidden_dim = 8
num_layers = 1
num_heads = 2
feed_forward_dim = 16
dropout = 0.0

[training]
epochs = 100
seed = 1
learning_rate = 0.001
epsilon = 1e-5
checkpoint_steps = 3

[search]
kind = "greedy"

[translation]
bleu_tokenize = "char"
max_length = 8
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recipe beside its files, of few pairs, for few shapes to compile; the targets have
    several words. Two batches an epoch."""
    folder = tmp_path_factory.mktemp("processes")
    pairs = [pair[::-1] for pair in number_pairs("german", 100, 1, 1)[0][:72]]
    for part, some in (("train", pairs[:64]), ("validation", pairs[64:])):
        for side, lines in zip(("source", "target"), zip(*some, strict=True), strict=True):
            (folder / f"{part}.{side}").write_text("".join(f"{line}\n" for line in lines))
    (folder / "recipe.toml").write_text(RECIPE)
    return folder


def begin(folder, run, processes=1):
    """Starts the command in as many processes."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{found.getsockname()[1]}"
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "kerasseq", "train", "recipe.toml", "--run", run]
    told = ["--processes", str(processes), "--coordinator", place, "--process"]
    return [
        subprocess.Popen(
            [*command, *([*told, str(index)] if processes > 1 else [])],
            cwd=folder, env=environment, stderr=subprocess.PIPE, text=True,
        )
        for index in range(processes)
    ]  # fmt: skip


def end(running, timeout=300):
    """Their exit codes, and what they said."""
    try:
        said = [each.communicate(timeout=timeout)[1] for each in running]
    finally:
        for each in running:
            each.kill()
    return [each.returncode for each in running], said


def wait_for_checkpoint(folder, running):
    """Waits until there is a checkpoint that was not there before."""
    before = set(folder.glob("*"))
    while not {*folder.glob("epoch-*-batch-*[0-9]")} - before:
        assert all(each.poll() is None for each in running), end(running)
        time.sleep(0.05)


def test_two_processes_end_as_one_though_each_was_killed(folder, monkeypatch):
    monkeypatch.chdir(folder)
    recipe = load_recipe("recipe.toml")
    with pytest.raises(ValueError, match="Run kerasseq prepare first"):
        train(recipe, "early", process=Process(0, 2))
    assert not (folder / "early").exists()
    prepare(recipe)

    for killed in (0, 1):  # the one at which they meet, and the other
        running = begin(folder, "two", 2)
        wait_for_checkpoint(folder / "two" / "checkpoints", running)
        running[killed].send_signal(signal.SIGKILL)
        clock = time.monotonic()
        codes, said = end(running, 60)
        assert time.monotonic() - clock < 60 and codes[1 - killed] == 1
        said = said[1 - killed]
        assert said.splitlines()[-1].startswith("kerasseq: Expected all 2 processes to train")
        assert "Traceback" not in said

    codes, said = end(begin(folder, "two", 2))
    assert codes == [0, 0], said
    assert "goes on after" in (folder / "two" / "log.txt").read_text()
    codes, said = end(begin(folder, "one"))
    assert codes == [0], said
    one, two = (
        safetensors.numpy.load_file(folder / run / "translator" / "model.safetensors")
        for run in ("one", "two")
    )
    assert one.keys() == two.keys()
    for name, weights in one.items():
        np.testing.assert_allclose(two[name], weights, atol=1e-5, err_msg=name)
    one, two = (
        np.loadtxt(folder / run / "history.csv", delimiter=",", skiprows=1)
        for run in ("one", "two")
    )
    assert len(one) == 100
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-4)
    scores = json.loads((folder / "two" / "validation.scores.json").read_text())
    assert scores["lines"] == 8


@pytest.mark.parametrize(
    ("section", "key", "value", "said"),
    [("training", "ema", 0.9, "without ema"), ("training", "accumulation_steps", 2, "without acc")],
)
def test_what_several_cannot_share_is_refused(folder, section, key, value, said, monkeypatch):
    monkeypatch.chdir(folder)
    recipe = load_recipe("recipe.toml")
    prepare(recipe)
    recipe[section][key] = value
    with pytest.raises(ValueError, match=said):
        train(recipe, "refused", process=Process(0, 2))
