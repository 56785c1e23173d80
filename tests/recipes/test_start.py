"""A run that starts from a translator: what it takes over, what it records, what it refuses."""

import hashlib
import importlib
import json
import shutil

import keras
import numpy as np
import pytest

from kerasseq import Translator
from kerasseq.cli import COMMANDS
from kerasseq.models import Transformer
from kerasseq.recipes import load_recipe, train, write_toml
from kerasseq.recipes.start import load_start
from kerasseq.text import WordTokenizer

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a saved translator, text, and a recipe that starts from it."""
    keras.utils.set_random_seed(2)
    folder = tmp_path_factory.mktemp("start")
    source = WordTokenizer.train(WORDS)
    target = WordTokenizer.train([word.upper() for word in WORDS])
    sizes = source.vocabulary_size, target.vocabulary_size
    model = Transformer(*sizes, 8, 1, 2, 12, begin_source=True, dropout=0.0, max_length=50)
    Translator(model, source, target, "greedy", 9, 11, replace_unknown=True).save(folder / "old")
    for side, lines in (("source", WORDS), ("target", [word.upper() for word in WORDS])):
        (folder / f"text.{side}").write_text("".join(f"{line}\n" for line in lines))
    sides = [f"{part}_{side}" for part in ("train", "validation") for side in ("source", "target")]
    recipe = {
        "data": {each: str(folder / f"text.{each.split('_')[1]}") for each in sides},
        "batches": {"batch_size": 8},
        "training": {"epochs": 3, "learning_rate": 0.01, "schedule": "linear"},
        "start": {"folder": str(folder / "old")},
    }
    (folder / "recipe.toml").write_text(write_toml(recipe), encoding="utf-8")
    return folder


def test_a_run_starts_where_the_translator_stands(folder, tmp_path):
    # Steps too small to change a weight.
    overrides = ["training.learning_rate=1e-12", "training.epochs=1", "model.dropout=0.25"]
    new = train(load_recipe(folder / "recipe.toml", overrides), tmp_path / "run")
    old = Translator.load(folder / "old")
    for ours, theirs in zip(new.model.get_weights(), old.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert new(WORDS) == old(WORDS) and new.model.config["dropout"] == 0.25
    assert (new.max_length, new.max_source_length, new.replace_unknown) == (9, 11, True)
    assert type(new.search) is type(old.search)
    found = json.loads((tmp_path / "run" / "environment.json").read_text())["start"]
    content = (folder / "old" / "model.safetensors").read_bytes()
    sha = hashlib.sha256(content).hexdigest()
    assert found == {"folder": str(folder / "old"), "weights": {"model.safetensors": sha}}
    log = (tmp_path / "run" / "log.txt").read_text()
    assert f"starts from {folder / 'old'}: model.safetensors {sha[:12]}" in log


class Interrupt(keras.callbacks.Callback):
    """Ends a run as it begins its third epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_from_the_same_weights_alone(folder, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(folder / "old", old)
    recipe = load_recipe(folder / "recipe.toml", [f"start.folder={json.dumps(str(old))}"])
    whole = train(recipe, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "run", [Interrupt()])
    weights = (old / "model.safetensors").read_bytes()
    (old / "model.safetensors").write_bytes(weights[:-4] + b"\0\0\0?")
    with pytest.raises(ValueError, match=r"that this run started from.*model\.safetensors changed"):
        train(recipe, tmp_path / "run")
    (old / "model.safetensors").write_bytes(weights)
    halved = train(recipe, tmp_path / "run")
    for ours, theirs in zip(halved.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.hidden_dim=16", r"Expected model\.hidden_dim as .*has it, 8; received 16\. Leave"),
        ("model.kind=AttentionSeq2Seq", r"model\.kind .*'Transformer'; received 'Attention"),
        ("model.begin_source=false", r"model\.begin_source .* 2; received False"),
        ("model.depth=3", "'depth': 3"),
        ("source_tokenizer.kind=character", r"source_tokenizer\.kind .*'word'; received 'char"),
        ("source_tokenizer.lowercase=true", r"source_tokenizer\.lowercase .*False; received True"),
        ("joint_tokenizer.kind=word", r"\[joint_tokenizer\] .*for each side; received one for b"),
        ("training.initialize_output_bias=true", r"initialize_output_bias .*that is trained"),
        ("source_vectors.path=a.txt", r"\[source_vectors\] .*embeddings that are trained"),
        ("translation.max_length=51", "max_length of at most 50 tokens.*received 51"),
        ("start.folder=nowhere", "installed model.*received nowhere"),
    ],
)
def test_a_recipe_that_contradicts_the_translator_is_refused(folder, tmp_path, override, message):
    section = override.split(".")[0]
    overrides = [override]
    if section == "source_tokenizer":
        overrides.append("target_tokenizer.kind=word")
        overrides += ["source_tokenizer.kind=word"] * ("kind" not in override)
    error = FileNotFoundError if section == "start" else ValueError
    with pytest.raises(error, match=message):
        train(load_recipe(folder / "recipe.toml", overrides), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_agrees_may_stand(folder, tmp_path):
    agreeing = ["model.kind=Transformer", "model.hidden_dim=8", "model.begin_source=true"]
    agreeing += ["source_tokenizer.kind=word", "target_tokenizer.kind=word"]
    agreeing += ["source_tokenizer.min_frequency=2", "training.epochs=1"]
    train(load_recipe(folder / "recipe.toml", agreeing), tmp_path / "run")


def test_the_command_line_names_the_folder(folder, tmp_path, monkeypatch):
    seen = []

    def trained(recipe, *rest, **_):
        seen.append(recipe)
        return Translator.load(folder / "old")

    monkeypatch.setattr("kerasseq.recipes.train", trained)
    evaluation = importlib.import_module("kerasseq.recipes.evaluate_run")
    monkeypatch.setattr(evaluation, "evaluate_run", lambda *_: [])
    start = str(folder / "old")
    COMMANDS["train"]("fine_tune", tmp_path / "run", ["data.name=numbers"], start)
    assert seen[0]["start"] == {"folder": start} and seen[0]["training"]["schedule"] == "linear"
    with pytest.raises(ValueError, match="model that fine_tune starts from.*--from FOLDER"):
        load_recipe("fine_tune")


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="saved translator or a Bergamot model in .*neither"):
        load_start(tmp_path)
