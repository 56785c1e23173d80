"""Recipes, training, and the command line over them."""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import keras
import numpy as np
import pytest
import sacrebleu
from rich.console import Console
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util.tensor_util import make_ndarray

from closeness import assert_close
from kerasseq import Translator, machine
from kerasseq import cli as commands
from kerasseq.cli import COMMANDS
from kerasseq.data import ParallelText
from kerasseq.doctor import DoctorWarning
from kerasseq.export import LiteTranslator
from kerasseq.metrics import corpus_scores
from kerasseq.plots import plot_history, plot_quality_by_length
from kerasseq.recipes import (
    list_recipes,
    load_recipe,
    quickstart,
    train,
    write_toml,
)
from kerasseq.recipes.build import (
    build_lengths,
    build_model,
    build_optimizer,
    build_search,
    build_tokenizers,
)
from kerasseq.recipes.corpora import build_data
from kerasseq.recipes.evaluate_run import evaluate_run
from kerasseq.recipes.sections import kind_of
from kerasseq.reports import compare, comparison_page, examine_run, report
from kerasseq.reports.compare import length_bins
from kerasseq.text.vocabulary import END_ID
from kerasseq.training import LinearWarmup, SequenceCrossentropy

SMALL = [
    "batches.tokens_per_batch=256",
    "model.hidden_dim=16",
    "model.embedding_dim=8",
    "training.warmup_steps=5",
]


@pytest.fixture(scope="module")
def files(tmp_path_factory, number_text):
    """A recipe over files on disk."""
    folder = tmp_path_factory.mktemp("files")
    recipe = load_recipe("numbers", [*SMALL, "training.epochs=2"])
    recipe["data"] = {}
    recipe["target_tokenizer"] |= {"vocabulary_size": 45}
    for part, pairs in zip(("train", "validation", "test"), number_text, strict=True):
        for side, index in (("source", 0), ("target", 1)):
            path = folder / f"{part}.{side}"
            path.write_text("".join(f"{pair[index]}\n" for pair in pairs), encoding="utf-8")
            recipe["data"][f"{part}_{side}"] = str(path)
    (folder / "recipe.toml").write_text(write_toml(recipe), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(files):
    recipe = load_recipe(files / "recipe.toml")
    train(recipe, files / "run")
    return files / "run"


class Interrupt(keras.callbacks.Callback):
    """Ends a run as it begins its third epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt


def cli(*arguments, **options):
    # JAX sets the log level where a test imports it; a user's shell does not.
    shell = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-m", "kerasseq", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=shell,
        **options,
    )


# Those that start from a folder name none.
NEW = [name for name in list_recipes() if not name.startswith("fine_tune")]
TRANSLATORS = [name for name in NEW if kind_of(load_recipe(name)) == "translator"]


@pytest.mark.parametrize("name", NEW)
def test_every_recipe_reads_back_from_its_own_toml(name):
    recipe = load_recipe(name)
    assert tomllib.loads(write_toml(recipe)) == recipe


@pytest.mark.parametrize("name", TRANSLATORS)
def test_every_recipe_can_be_built(name, number_text):
    recipe = load_recipe(name)
    sides = [side for side in recipe if side.endswith("tokenizer")]
    for side in sides:
        if "vocabulary_size" in recipe[side]:
            recipe[side]["vocabulary_size"] = 60  # what few number words can fill
    source, target = build_tokenizers(
        recipe, ParallelText.from_pairs([(s, f"{t} {t}") for s, t in number_text[1]])
    )
    assert (source.vocabulary == target.vocabulary) == (sides == ["joint_tokenizer"])
    model = build_model(recipe["model"], source.vocabulary_size, target.vocabulary_size)
    model.compile(build_optimizer(recipe["training"], 1000), SequenceCrossentropy())
    search = build_search(recipe.get("search", {}))
    lengths = build_lengths(recipe)
    assert lengths["max_source_length"] == recipe["batches"]["max_length"]
    assert Translator(model, source, target, search, **lengths).search is search


def test_what_training_reads_the_translator_reads():
    longer = load_recipe("numbers", ["batches.max_length=1024", "batches.tokens_per_batch=4096"])
    assert build_lengths(longer) == {"max_length": 40, "max_source_length": 1024}
    assert build_lengths({"batches": {}}) == {"max_length": 100, "max_source_length": 100}
    for name in ("batches.max_length=30", "translation.max_source_length=60"):
        most = int(name.partition("=")[2])
        assert build_lengths(load_recipe("numbers", [name]))["max_source_length"] == most


def test_the_tutorial_s_recipe_is_the_tutorial_s():
    recipe = load_recipe("multi30k_tutorial")
    for side in ("source_tokenizer", "target_tokenizer"):
        assert recipe[side] == {"kind": "word", "lowercase": True, "min_frequency": 2}
    model = {"hidden_dim": 256, "num_layers": 3, "num_heads": 8, "feed_forward_dim": 512}
    model |= {"dropout": 0.1, "positions": "learned", "tie_embeddings": False}
    assert model.items() <= recipe["model"].items()
    training = {"learning_rate": 5e-4, "clip_norm": 1.0}
    training |= {"epochs": 8, "average_last": 4}  # the tutorial: the best of ten
    assert training.items() <= recipe["training"].items()
    assert recipe["batches"]["batch_size"] == 64 and recipe["search"] == {"kind": "greedy"}


def test_the_cosine_schedule_warms_up_and_falls_to_nothing():
    section = {"learning_rate": 0.5, "schedule": "cosine", "warmup_steps": 100, "epochs": 1}
    rate = build_optimizer(section, 1100)._learning_rate
    found = [float(rate(step)) for step in (0, 50, 100, 350, 600, 1100)]
    middle = [0.25 * (1 + np.cos(np.pi * part)) for part in (0.25, 0.5)]
    assert_close(found, [0, 0.25, 0.5, *middle, 0])


@pytest.mark.parametrize(
    ("kind", "later"),
    [
        ("constant", [0.8, 0.8, 0.8]),
        ("halving", [0.8, 0.2, 0.0125]),
        ("linear", [0.8 * (800 - step) / 796 for step in (100, 599, 751)]),
    ],
)
def test_a_schedule_warms_up_in_as_many_steps_and_reads_back(kind, later):
    section = {"epochs": 8, "learning_rate": 0.8, "schedule": kind, "warmup_steps": 4}
    rate = build_optimizer(section | {"halve_after": 5, "halve_every": 0.5}, 800)._learning_rate
    schedules = keras.optimizers.schedules
    rate = schedules.deserialize(schedules.serialize(rate))
    found = [float(rate(step)) for step in (0, 1, 2, 3, 4, 100, 599, 751)]
    assert found == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8, *later], rel=1e-4)
    with pytest.raises(ValueError, match="warmup_steps.*received 0"):
        LinearWarmup(0.1, 0)


def test_overrides_are_read_as_toml():
    recipe = load_recipe("numbers", ["training.epochs=3", "model.cell=lstm", "search.n_best = 2"])
    assert recipe["training"]["epochs"] == 3
    assert recipe["model"]["cell"] == "lstm" and recipe["search"]["n_best"] == 2


@pytest.mark.parametrize(
    ("name", "overrides", "error", "message"),
    [
        ("nonsense", [], FileNotFoundError, "numbers.*received 'nonsense'"),
        ("numbers", ["epochs=3"], ValueError, "received 'epochs=3'"),
        ("numbers", ["training.epoch=3"], ValueError, r"\[training\].*received epoch\."),
        ("numbers", ["trainin.epochs=3"], ValueError, "received 'trainin'"),
        (
            "numbers",
            ["joint_tokenizer.kind=word"],
            ValueError,
            "received joint_tokenizer, source_tokenizer",
        ),
        ("numbers", ["training.epochs=abc"], ValueError, r"training\.epochs.*received 'abc'"),
        ("numbers", ["training.clip_norm='1'"], ValueError, r"training\.clip_norm.*received '1'"),
        ("numbers", ["training.clip_norm=-1"], ValueError, r"training\.clip_norm.*received -1"),
        ("numbers", ["batches.max_length=abc"], ValueError, r"batches\.max_length.*received 'abc'"),
        (
            "numbers",
            ["translation.max_length=0"],
            ValueError,
            r"translation\.max_length.*received 0",
        ),
        (
            "numbers",
            ["batches.max_length=50", "translation.max_source_length=49"],
            ValueError,
            r"max_source_length of at least batches\.max_length, 50.*received 49",
        ),
        ("numbers", ["translation.lowercase=1"], ValueError, r"translation\.lowercase.*received 1"),
        ("numbers", ["search.beam=3"], ValueError, r"\[search\].*received beam\."),
        ("numbers", ["search.beam_size=2.5"], ValueError, r"search\.beam_size.*received 2\.5"),
    ],
)
def test_a_wrong_recipe_gets_one_sentence(name, overrides, error, message):
    with pytest.raises(error, match=message):
        load_recipe(name, overrides)


@pytest.mark.parametrize(
    ("section", "key"),
    [("training", "epochs"), ("model", "kind"), ("source_tokenizer", "kind")],
)
def test_a_recipe_without_a_key_it_needs_gets_one_sentence(tmp_path, section, key):
    recipe = load_recipe("numbers")
    del recipe[section][key]
    path = tmp_path / "recipe.toml"
    path.write_text(write_toml(recipe), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{key} in \[{section}\] .*recipe\.toml"):
        load_recipe(path)


def test_the_options_of_sentencepiece_and_of_words_are_keys_of_a_recipe(tmp_path):
    options = {
        "model_type": "unigram",
        "vocabulary_size": 267,
        "character_coverage": 0.999,
        "normalization_rule_name": "identity",
        "user_defined_symbols": ["<num>", 'a"b', "it's", "\\n"],
        "byte_fallback": True,
    }
    recipe = load_recipe("numbers")
    recipe["target_tokenizer"] = {"kind": "sentencepiece", **options}
    recipe["source_tokenizer"] = {"kind": "word", "split": "punctuation", "joiners": False}
    path = tmp_path / "recipe.toml"
    path.write_text(write_toml(recipe), encoding="utf-8")
    assert load_recipe(path) == recipe
    corpus = ParallelText.from_pairs([("a, b", "½ <num>it's 😀")] * 5)
    source, target = build_tokenizers(load_recipe(path), corpus)
    assert source.tokens("a,b") == ["a", ",", "b"] and not source.joiners
    assert {"<num>", "it's"} < {*target.tokens("½ <num>it's")}
    assert target.decode(target.encode("½ 😀 漢")) == "½ 😀 漢"
    with pytest.raises(ValueError, match="user_defined_symbols to be a list.*received 'a'"):
        load_recipe(path, ["target_tokenizer.user_defined_symbols='a'"])
    with pytest.raises(ValueError, match="character_coverage to be a share.*received 2"):
        load_recipe(path, ["target_tokenizer.character_coverage=2"])


def test_the_rate_is_halved_as_sutskever_did():
    section = {"epochs": 8, "learning_rate": 0.7, "schedule": "halving"}
    section |= {"halve_after": 5, "halve_every": 0.5, "optimizer": "sgd", "clip_norm": 5.0}
    optimizer = build_optimizer(section, 800)
    rates = [float(optimizer._learning_rate(step)) for step in (0, 499, 501, 549, 551, 601, 799)]
    assert rates == pytest.approx([0.7, 0.7, 0.35, 0.35, 0.175, 0.0875, 0.7 / 64], rel=1e-5)
    assert type(optimizer).__name__ == "SGD" and optimizer.global_clipnorm == 5.0


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.warmup_steps=100000", "warmup_steps.*received 100000"),
        ("training.schedule=step", "inverse_square_root.*received 'step'"),
        ("training.optimizer=adagrad", "adam, adamw, sgd.*received 'adagrad'"),
        ("model.kind=Perceptron", "Transformer.*received 'Perceptron'"),
        ("target_tokenizer.kind=bytes", "sentencepiece.*received 'bytes'"),
        ("search.kind=viterbi", "greedy.*received .*'viterbi'"),
        ("training.schedule=halving", r"training\.halve_after and training\.halve_every"),
        ("model.kind=RecurrentForecaster", "AttentionSeq2Seq.*received 'RecurrentForecaster'"),
        ("model.hidden_dim=abc", r"\[model\].*received .*hidden_dim='abc'"),
        ("model.depth=3", "'depth': 3"),
        ("source_tokenizer.model_type=bpe", r"\[source_tokenizer\].*received model_type='bpe'"),
        ("data.name=numbers", r"\[data\].*received .*name='numbers'"),
        ("search.temperature=2", r"\[search\].*received .*temperature=2"),
        ("search.beam_size=100", "received beam_size=100 and 45 "),
        ("translation.bleu_tokenize=moses", "received 'moses'"),
    ],
)
def test_a_wrong_choice_gets_one_sentence_and_claims_no_folder(files, tmp_path, override, message):
    with pytest.raises(ValueError, match=message):
        train(load_recipe(files / "recipe.toml", [override]), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_folder_holds_what_it_takes_to_repeat_it(run, files):
    assert load_recipe(run / "recipe.toml") == load_recipe(files / "recipe.toml")
    environment = json.loads((run / "environment.json").read_text())
    assert environment["versions"]["keras"] and environment["processor"] == machine.settings()
    assert json.loads((run / "batches.json").read_text())["filled"] > 0.3
    history = (run / "history.csv").read_text().splitlines()
    assert len(history) == 3 and "val_perplexity" in history[0]
    assert "epoch 2/2" in (run / "log.txt").read_text()
    best = min(float(row["val_perplexity"]) for row in csv.DictReader(history))
    translator = Translator.load(run / "translator")
    assert translator.examples
    validation = build_data(load_recipe(run / "recipe.toml")["data"]).validation
    assert translator.perplexity(validation) == pytest.approx(best, rel=1e-3)
    with pytest.raises(ValueError, match=r"received another recipe\.toml"):
        train(load_recipe(files / "recipe.toml", ["training.seed=9"]), run)


def test_the_same_seed_gives_the_same_run(run, files, tmp_path):
    again = train(load_recipe(files / "recipe.toml"), tmp_path / "run")
    first = Translator.load(run / "translator")
    for a, b in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)


def test_an_interrupted_run_goes_on(files, tmp_path):
    recipe = load_recipe(files / "recipe.toml", ["training.epochs=3", "training.average_last=2"])
    terminal = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        train(
            recipe,
            tmp_path / "run",
            [Interrupt()],
            console=Console(file=terminal, force_terminal=True),
        )
    shown = terminal.getvalue()
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is back
    steps = []
    record = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: steps.append(int(record.model.optimizer.iterations)),
        on_epoch_begin=lambda epoch, logs: steps.append(epoch),
    )
    train(recipe, tmp_path / "run", [record])
    batches = json.loads((tmp_path / "run" / "batches.json").read_text())["batches"]
    assert steps[-1] == 2 and int(record.model.optimizer.iterations) == 3 * batches
    rows = (tmp_path / "run" / "history.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "0", "1", "2"]
    # A finished run is loaded, not trained again, and gives the same answer.
    once, twice = (
        Translator.load(tmp_path / "run" / "translator"),
        train(recipe, tmp_path / "run"),
    )
    assert once(once.examples) == twice(once.examples)


@pytest.fixture
def digits(tmp_path):
    """A recipe whose epoch is one batch, of pairs of one word, and whose steps are alike."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    (tmp_path / "digits.source").write_text("".join(f"{word}\n" for word in words))
    (tmp_path / "digits.target").write_text("".join(f"{word.upper()}\n" for word in words))
    recipe = load_recipe("numbers", [*SMALL, "model.dropout=0.0"])
    recipe["data"] = {
        f"{part}_{side}": str(tmp_path / f"digits.{side}")
        for part in ("train", "validation")
        for side in ("source", "target")
    }
    recipe["target_tokenizer"] = {"kind": "word"}
    recipe["batches"] = {"batch_size": 10, "max_length": 40}
    recipe["training"] = {"epochs": 3, "learning_rate": 0.01}
    recipe["search"], recipe["translation"] = {}, {"max_length": 3}
    return recipe


def test_averaged_weights_are_measured_kept_and_resumed(digits, tmp_path):
    digits["training"]["ema"] = 0.5
    measured = digits | {"training": digits["training"] | {"quality_every": 1}}
    whole = train(measured, tmp_path / "whole")
    rows = list(csv.DictReader((tmp_path / "whole" / "history.csv").read_text().splitlines()))
    best = min(rows, key=lambda row: float(row["val_perplexity"]))
    pairs = list(build_data(digits["data"]).validation)
    assert whole.perplexity(pairs) == pytest.approx(float(best["val_perplexity"]), rel=1e-4)
    scores = corpus_scores(whole([source for source, _ in pairs]), [target for _, target in pairs])
    assert scores["chrf"] == pytest.approx(float(best["val_chrf"]))
    with pytest.raises(KeyboardInterrupt):
        train(digits, tmp_path / "halved", [Interrupt()])
    halved = train(digits, tmp_path / "halved")
    for a, b in zip(whole.model.get_weights(), halved.model.get_weights(), strict=True):
        # Far below 0.01, a step of Adam, whose moments the run that goes on must remember.
        assert_close(a, b)


def test_a_run_that_goes_on_remembers_its_quality(digits, tmp_path):
    digits["training"]["quality_every"] = 2
    with pytest.raises(KeyboardInterrupt):
        train(digits, tmp_path / "run", [Interrupt()])
    train(digits, tmp_path / "run")
    rows = csv.DictReader((tmp_path / "run" / "history.csv").read_text().splitlines())
    first, second, third = rows
    for name in ("val_bleu", "val_chrf", "val_exact_match"):
        assert first[name] == "" and second[name] == third[name] != ""
    assert float(third["val_chrf"]) > 0 and None not in third
    log = (tmp_path / "run" / "log.txt").read_text().splitlines()
    assert ["exact match" in line for line in log if "perplexity" in line] == [False, True, True]
    panels = plot_history(tmp_path / "run" / "history.csv").axes
    assert np.isnan(panels[-1].lines[0].get_ydata()).tolist() == [True, False, False]


def test_a_run_without_a_test_part_has_no_test(digits, tmp_path):
    digits["training"]["epochs"] = 1
    assert build_data(digits["data"]).test is None
    assert build_data(digits["data"] | {"joined": 2}).test is None
    (tmp_path / "recipe.toml").write_text(write_toml(digits), encoding="utf-8")
    COMMANDS["train"](str(tmp_path / "recipe.toml"), tmp_path / "run")
    log = (tmp_path / "run" / "log.txt").read_text()
    assert "validation: BLEU" in log and "test: " not in log
    assert not list((tmp_path / "run").glob("test.*"))
    assert report(tmp_path / "run", part="validation").is_file()
    with pytest.raises(FileNotFoundError, match="test part.*received validation alone"):
        compare([tmp_path / "run"])


def test_what_is_left_out_is_in_the_log(digits, tmp_path):
    for side in ("source", "target"):
        with (tmp_path / f"digits.{side}").open("a", encoding="utf-8") as file:
            file.write("one " * 50 + "\n")
    digits["training"]["epochs"] = 1
    with pytest.warns(UserWarning, match=r"1 of 11 \(9\.1%\) longer ones"):
        train(digits, tmp_path / "run")
    log = (tmp_path / "run" / "log.txt").read_text()
    for part in ("training", "validation"):
        assert f"{part}: 1 of 11 (9.1%) pairs are longer than max_length=40 tokens" in log


def test_what_the_doctor_finds_is_in_the_log(digits, tmp_path):
    for side in ("source", "target"):
        path = tmp_path / f"digits.{side}"
        path.write_text(12 * path.read_text())
    digits["training"] |= {"schedule": "inverse_square_root", "warmup_steps": 35}
    with pytest.warns(DoctorWarning, match="stood there before"):
        train(digits, tmp_path / "run")
    log = (tmp_path / "run" / "log.txt").read_text()
    before, _, later = log.partition("epoch 1/3")
    assert "doctor (repetitions): Expected different pairs; received 110 of 120" in before
    assert "doctor (overlap): " in before and "doctor (warm-up): " in before + later
    assert {"repetitions", "overlap", "warm-up"} <= {
        each.name for each in examine_run(tmp_path / "run")
    }


def test_a_run_that_stopped_early_is_finished(digits, tmp_path):
    # Steps too small to change a weight: the second epoch is no better than the first.
    digits["training"] |= {"patience": 1, "learning_rate": 1e-12}
    for _ in range(2):
        train(digits, tmp_path / "run")
        assert len((tmp_path / "run" / "history.csv").read_text().splitlines()) == 1 + 2


def test_a_new_run_starts_at_the_frequencies(digits, tmp_path):
    # Steps too small to change a weight: what the output layer says is where it started.
    digits["training"] = {"epochs": 1, "learning_rate": 1e-12, "initialize_output_bias": True}
    translator = train(digits, tmp_path / "run")
    shares = np.exp(keras.ops.convert_to_numpy(translator.model.output_bias))
    words = [translator.target.vocabulary.index(word) for word in ("ONE", "TWO", "TEN")]
    # Ten words, and ten ends of a line.
    np.testing.assert_allclose(shares[[*words, END_ID]], [1 / 20] * 3 + [1 / 2], rtol=0.1)


def test_quickstart_replaces_a_run_of_its_own_and_nothing_else(tmp_path, monkeypatch):
    class Began(Exception):
        pass

    def begin(recipe, run, console):
        raise Began

    monkeypatch.setattr(quickstart, "train", begin)
    other, file, own = tmp_path / "other", tmp_path / "file", tmp_path / "own"
    for folder, recipe in (
        (tmp_path, None),
        (other, load_recipe("numbers", ["training.epochs=9"])),
        (own, load_recipe("numbers")),
    ):
        folder.mkdir(exist_ok=True)
        (folder / "kept.txt").write_text("mine")
        if recipe:
            (folder / "recipe.toml").write_text(write_toml(recipe), encoding="utf-8")
    file.write_text("mine")
    for path in (tmp_path, other, file):
        with pytest.raises(ValueError, match=f"received {re.escape(str(path))}"):
            quickstart.quickstart(path, Console(quiet=True))
    assert file.is_file() and (other / "kept.txt").is_file()
    for path in (own, tmp_path / "new"):
        with pytest.raises(Began):
            quickstart.quickstart(path, Console(quiet=True))
    assert not own.exists() and (tmp_path / "kept.txt").is_file()


def test_a_recipe_names_pretrained_vectors(files, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("one" + " 0.5" * 8 + "\ntwo" + " 0.25" * 8 + "\n")
    options = ["epochs=1", "warmup_steps=0"]
    recipe = load_recipe(files / "recipe.toml", [f"training.{option}" for option in options])
    recipe["source_vectors"] = {"path": str(path), "kind": "glove", "trainable": False}
    translator = train(recipe, tmp_path / "run")
    table = translator.model.source_embedding.table.numpy()
    np.testing.assert_array_equal(table[translator.source.vocabulary.index("one")], [0.5] * 8)
    assert "source vectors cover" in (tmp_path / "run" / "log.txt").read_text()


def test_a_recipe_replaces_unknown_words(files, tmp_path):
    recipe = load_recipe(files / "recipe.toml", ["training.epochs=1", "training.warmup_steps=0"])
    recipe["translation"] = {"max_length": 10, "replace_unknown": True}
    with pytest.raises(ValueError, match="replace_unknown.*received .*SentencePieceTokenizer"):
        train(recipe, tmp_path / "pieces")
    recipe["target_tokenizer"] = {"kind": "word"}
    assert train(recipe, tmp_path / "run").replace_unknown
    assert Translator.load(tmp_path / "run" / "translator").replace_unknown
    assert load_recipe("numbers", ["translation.replace_unknown=true"])


def test_runs_are_compared_by_length(files, run, tmp_path):
    pairs = list(build_data(load_recipe(run / "recipe.toml")["data"]).test)
    for name, lines in (("perfect", [b for _, b in pairs]), ("empty", [""] * len(pairs))):
        (tmp_path / name).mkdir()
        shutil.copy(run / "recipe.toml", tmp_path / name)
        text = "".join(f"{line}\n" for line in lines)
        (tmp_path / name / "test.hypotheses.txt").write_text(text, encoding="utf-8")
    found = compare([tmp_path / "perfect", tmp_path / "empty"], width=3)
    assert found["runs"] == ["perfect", "empty"] and found["bleu"][1] == 0.0
    assert sum(each["lines"] for each in found["bins"]) == len(pairs)
    assert all(each["bleu"][1] == 0.0 for each in found["bins"])
    most = [each["words"][1] for each in found["bins"]]
    assert most == sorted(most) and found["bins"][-1]["lines"] >= 10
    lengths = [1, 1, *[5] * 12, *[8] * 11, 12]
    bins = [[lengths[i] for i in rows] for rows in length_bins(lengths, 3)]
    assert bins == [[1, 1, *[5] * 12], [*[8] * 11, 12]]  # thin ones at both ends have joined
    axes = plot_quality_by_length(found, tmp_path / "compare.png").axes[0]
    drawn = [list(line.get_ydata()) for line in axes.lines]
    assert drawn == [[each["bleu"][column] for each in found["bins"]] for column in (0, 1)]
    with pytest.raises(FileNotFoundError, match=r"Expected .*test\.hypotheses\.txt"):
        compare([files])
    with pytest.raises(ValueError, match="width.*received 0"):
        compare([tmp_path / "perfect"], width=0)


def test_a_report_says_what_the_run_holds(files, run, tmp_path):
    evaluated = tmp_path / "numbers"
    shutil.copytree(run, evaluated)
    recipe = load_recipe(run / "recipe.toml")
    with pytest.raises(FileNotFoundError, match=r"Expected .*test\.hypotheses\.txt"):
        report(evaluated)
    scores = dict(evaluate_run(Translator.load(run / "translator"), recipe, evaluated))["test"]
    page = report(evaluated, count=3).read_text(encoding="utf-8")
    assert page.count("<svg") == 3 + 6 and page.count("<article>") == 6
    assert f"<td>{scores['bleu']:.2f}</td>" in page
    hypotheses = (evaluated / "test.hypotheses.txt").read_text(encoding="utf-8").split("\n")[:-1]
    _, references = zip(*build_data(recipe["data"]).test, strict=True)
    chrf = sacrebleu.CHRF()
    every = [chrf.sentence_score(a, [b]).score for a, b in zip(hypotheses, references, strict=True)]
    shown = [float(found) for found in re.findall(r"<th>chrF</th><td>([\d.]+)</td></tr>", page)]
    ranked = [round(score, 1) for score in sorted(every)]
    assert shown[-6:] == [*ranked[:3], *ranked[::-1][:3]]
    assert "<th>versions.keras</th>" in page and "{&#x27;" not in page
    assert "learning_rate" in page and "tokens known" in page and "tensorflow" in page
    assert not re.search(r"(src|href)=.http", page)


def test_runs_are_put_side_by_side(run, tmp_path):
    first, second = folders = [tmp_path / "a" / "run", tmp_path / "<long>"]
    shutil.copytree(run, first)
    recipe = load_recipe(run / "recipe.toml")
    with pytest.raises(FileNotFoundError, match=r"Expected .*test\.hypotheses\.txt"):
        comparison_page([first], {"runs": ["run"]}, tmp_path / "page.html")
    scores = dict(evaluate_run(Translator.load(run / "translator"), recipe, first))["test"]
    # This one writes the beginnings of the references; the other trained longer, and writes
    # the references, but for one line.
    references = [target for _, target in build_data(recipe["data"]).test]
    ours = [line[: i % 7] for i, line in enumerate(references)]
    (first / "test.hypotheses.txt").write_text("\n".join([*ours, ""]), encoding="utf-8")
    shutil.copytree(first, second)
    longer = load_recipe(run / "recipe.toml", ["training.epochs=3", "training.average_last=2"])
    (second / "recipe.toml").write_text(write_toml(longer))
    better = scores | {"perplexity": scores["perplexity"] / 2}
    (second / "test.scores.json").write_text(json.dumps(better))
    text = "\n".join([ours[0], *references[1:], ""])
    (second / "test.hypotheses.txt").write_text(text, encoding="utf-8")
    found = compare(folders)
    page = comparison_page(folders, found, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<th>run</th><th>&lt;long&gt;</th>" in page and "<long>" not in page
    cells = dict(re.findall(r"<tr><th>([^<]+)</th>((?:<td>.*?</td>)+)</tr>", page))
    one, two = f"{scores['perplexity']:.3f}", f"{better['perplexity']:.3f}"
    assert cells["perplexity"] == f"<td>{one}</td><td><b>{two}</b></td>"
    assert cells["training.epochs"] == "<td>2</td><td>3</td>"
    assert cells["training.average_last"] == "<td>—</td><td>2</td>"
    assert "model.kind" not in cells and page.count("<svg") == 2
    chrf = sacrebleu.CHRF()
    pairs = zip(ours[1:], references[1:], strict=True)
    spreads = sorted(100 - chrf.sentence_score(*line, [right]).score for *line, right in pairs)
    shown = re.findall(r"run</th><td>([\d.]+)</td>.*?<th>&lt;long&gt;</th><td>100.0</td>", page)
    assert [100 - float(each) for each in shown] == pytest.approx(spreads[:-11:-1], abs=0.06)
    assert not re.search(r"(src|href)=.http", page)
    shutil.copytree(first, tmp_path / "b" / "run")
    assert compare([first, tmp_path / "b" / "run"])["runs"] == ["a/run", "b/run"]
    same = compare([first, first])
    assert same["runs"] == ["run", "run"]
    page = comparison_page([first, first], same, tmp_path / "page.html").read_text()
    assert "Nowhere" in page and "<b>" not in page and "<article>" not in page


def test_tensorboard_gets_the_history(files, tmp_path, monkeypatch):
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tensorboard", None)
        with pytest.raises(ImportError, match=r"pip install 'kerasseq\[tensorboard\]'"):
            COMMANDS["train"](str(files / "recipe.toml"), run, tensorboard=True)
    assert not run.exists()
    COMMANDS["train"](str(files / "recipe.toml"), run, tensorboard=True)
    history = list(csv.DictReader((run / "history.csv").read_text().splitlines()))
    for part, prefix in (("train", ""), ("validation", "val_")):
        events = event_accumulator.EventAccumulator(str(run / "tensorboard" / part)).Reload()
        written = events.Tensors("epoch_perplexity")
        assert [each.step for each in written] == [0, 1]
        values = [float(make_ndarray(each.tensor_proto)) for each in written]
        expected = [float(row[f"{prefix}perplexity"]) for row in history]
        assert values == pytest.approx(expected, rel=1e-5)


def test_help_is_light_and_lists_every_command():
    code = (
        "import sys, kerasseq.cli as cli; sys.argv = ['kerasseq', '--help']\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "assert not {'tensorflow', 'keras', 'numpy'} & set(sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    for command in COMMANDS:
        assert command in found.stdout


def test_the_command_line_end_to_end(files, tmp_path, monkeypatch, capsys):
    def here(*arguments, status=0):
        """The same in this process, which has loaded everything: what it prints, out and err."""
        monkeypatch.setattr(sys, "argv", ["kerasseq", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == status, printed.err
        return printed

    run = tmp_path / "run"
    done = here("train", files / "recipe.toml", "--run", run, "--set", "training.epochs=1")
    assert "test: BLEU" in done.err and (run / "test.scores.json").is_file()
    model = run / "translator"
    given = "one\rhundred\n\ntwo\r\n"  # a return within a line is a space
    piped = cli("translate", model, input=given)
    assert piped.returncode == 0 and len(piped.stdout.splitlines()) == 3
    assert piped.stdout.splitlines()[1] == ""
    assert here("translate", model, "one hundred", "", "two").out == piped.stdout
    (tmp_path / "given.txt").write_bytes(given.encode())
    assert here("translate", model, "--file", tmp_path / "given.txt").out == piped.stdout
    (tmp_path / "given.txt").write_bytes(given.encode("utf-16"))
    found = here("translate", model, "--file", tmp_path / "given.txt", "--encoding", "utf-16")
    assert found.out == piped.stdout
    lines = files / "test.source"
    from_file = here("translate", model, "--file", lines, "--search", "greedy", "--scores").out
    assert len(from_file.splitlines()) == 50 and "\t" in from_file
    compared = here("compare", run, run, "--page", tmp_path / "compare.html").out
    assert compared.count("run") >= 2 and (tmp_path / "compare.html").is_file()
    begun = here("translate", model, "one hundred", "--prefix", "zwei").out
    assert begun.startswith("zwei")
    aligned = here("translate", model, "one hundred", "--alignments").out.split("\t")
    assert all(pair.split("-")[0] in "01" for pair in aligned[1].split())
    scored = here("evaluate", model, lines, files / "test.target").out
    assert "BLEU" in scored and "tok:13a" in scored
    assert here("report", run).out.strip() == str(run / "report.html")
    here("plot", "steps", model, tmp_path / "steps.html", "--text", "fifty one")
    assert (tmp_path / "steps.html").is_file()
    for what, subject, options in (
        ("history", run, []),
        ("attention", model, ["--text", "fifty one"]),
    ):
        image = tmp_path / f"{what}.png"
        here("plot", what, subject, image, *options)
        assert image.read_bytes().startswith(b"\x89PNG") and image.stat().st_size > 5000
    unscored = cli("evaluate", model, lines, files / "test.target", "--tokenize", "moses")
    assert unscored.returncode == 1
    assert unscored.stderr.startswith("kerasseq: Expected") and "'moses'" in unscored.stderr
    wrong = here("translate", tmp_path / "nowhere", "one", status=1)
    assert wrong.err.startswith("kerasseq: Expected") and "nowhere" in wrong.err


def test_an_output_without_a_character_gets_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    monkeypatch.setattr(sys, "argv", ["kerasseq", "data", "numbers"])
    with pytest.raises(SystemExit):
        commands.main()
    said = capsys.readouterr().err
    assert said.endswith("received one in ascii, which has no '→'. Set PYTHONIOENCODING=utf-8.\n")


def test_what_cannot_be_drawn_gets_one_sentence(run, tmp_path):
    model, plot = run / "translator", COMMANDS["plot"]
    plot("attention", model, tmp_path / "new" / "map.png", "one")
    assert (tmp_path / "new" / "map.png").is_file()
    with pytest.raises(FileNotFoundError, match=r"Expected .*nowhere/history\.csv"):
        plot("history", tmp_path / "nowhere", tmp_path / "h.png")
    for what in ("attention", "steps"):
        for text in (None, "", " "):
            with pytest.raises(ValueError, match=f"--text.*{what}; received {text!r}"):
                plot(what, model, tmp_path / "map.html", text)
    with pytest.raises(ValueError, match="received 'heads'"):
        plot("heads", model, tmp_path / "map.png", "one")
    older = tmp_path / "older"
    shutil.copytree(run, older)
    (older / "log.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"Expected .*log\.txt"):
        COMMANDS["report"](older)


def test_a_bar_on_the_terminal_leaves_the_translations_to_standard_output(
    run, tmp_path, monkeypatch, capsys
):
    terminal = io.StringIO()
    screen = Console(file=terminal, force_terminal=True)
    monkeypatch.setattr("kerasseq.cli.answering.console", lambda: screen)
    (tmp_path / "lines").write_text("one\ntwo hundred\n")
    COMMANDS["translate"](run / "translator", file=tmp_path / "lines")
    written = capsys.readouterr().out
    assert written.splitlines() == Translator.load(run / "translator")(["one", "two hundred"])
    assert "translating" in terminal.getvalue()


def test_export_and_data_from_the_command_line(tmp_path, capsys):
    model = pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de"
    (tmp_path / "lines").write_text("one\nfifty one\n")
    path = tmp_path / "small.tflite"
    COMMANDS["export"](model, path, "int8", tmp_path / "lines", longest_source=7)
    assert "of 2 held-out" in capsys.readouterr().out
    assert LiteTranslator(path)("fifty one") == "einundfünfzig"
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("metadata.json"))["max_source_length"] == 7
    COMMANDS["data"]("numbers", show=1)
    shown = capsys.readouterr().out
    assert re.search(r"test: 1000 pairs\n  \S.*  →  \S", shown) and shown.count("→") == 3


def test_an_ensemble_takes_a_new_folder_and_two_members(run, tmp_path):
    member, join = run / "translator", COMMANDS["ensemble"]
    before = (member / "translator.json").read_text()
    with pytest.raises(FileExistsError, match="received .*translator, which exists"):
        join(member, [member])
    assert (member / "translator.json").read_text() == before
    with pytest.raises(ValueError, match="members.*received 1"):
        join(tmp_path / "both", [member])
    join(tmp_path / "both", [member, member])
    line = "two hundred"
    assert Translator.load(tmp_path / "both")(line) == Translator.load(member)(line)


def test_steps_are_filmed_where_the_path_says_so(tmp_path):
    model = pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de"
    COMMANDS["plot"]("steps", model, tmp_path / "steps.gif", text="one")
    assert (tmp_path / "steps.gif").read_bytes().startswith(b"GIF8")
    with pytest.raises(ValueError, match=r"\.html, \.gif, \.mp4; received steps\.avi"):
        COMMANDS["plot"]("steps", model, tmp_path / "steps.avi", text="one")
