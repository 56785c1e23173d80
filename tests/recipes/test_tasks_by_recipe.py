"""Recipes of classifiers, taggers and finders of answers: trained, resumed, scored, shipped."""

import csv
import json
import random
import shutil

import keras
import numpy as np
import pytest
import torch
import transformers

from kerasseq import QuestionAnswerer, TextClassifier, TokenClassifier
from kerasseq.cli import COMMANDS
from kerasseq.recipes import load_recipe, train, write_toml
from kerasseq.recipes.courses import COURSES, course_of
from kerasseq.recipes.evaluate import read_evaluation
from kerasseq.recipes.evaluate_run import evaluate_run
from kerasseq.recipes.project import new_project
from kerasseq.recipes.sections import SECTIONS
from kerasseq.reports import examine_recipe, examine_run, report
from kerasseq.saved_models import model_folder
from published import MINILM

COLOURS, ANIMALS = ["red", "blue", "green", "black"], ["dog", "cat", "horse", "bird"]
TRAINING = {"epochs": 3, "seed": 1, "learning_rate": 0.02, "clip_norm": 1.0}
LSTM = {"kind": "RecurrentTextEncoder", "embedding_dim": 8, "hidden_dim": 8, "dropout": 0.2}


def sentences(count, seed):
    """Sentences of a colour and an animal: what a label, a tag and an answer can be told by."""
    drawn = random.Random(seed)
    return [
        f"the {drawn.choice(COLOURS)} {drawn.choice(ANIMALS)} sleeps {drawn.randrange(100)} hours"
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same sentences with labels, with tags, and with questions."""
    folder = tmp_path_factory.mktemp("texts")
    for part, count, seed in (("train", 120, 1), ("validation", 40, 2)):
        lines = sentences(count, seed)
        rows = "".join(f"{line.split()[1] in COLOURS[:2]} {line}\n" for line in lines)
        (folder / f"{part}.txt").write_text(rows)
        tagged = [
            [f"{word}\t{'B-animal' if word in ANIMALS else 'O'}" for word in line.split()]
            for line in lines
        ]
        (folder / f"{part}.conll").write_text("".join("\n".join(each) + "\n\n" for each in tagged))
        asked = [
            {
                "question": "which animal",
                "context": line,
                "answers": {"text": [line.split()[2]],
                            "answer_start": [line.index(line.split()[2])]},
            }
            for line in lines
        ]  # fmt: skip
        (folder / f"{part}.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in asked))
    return folder


def recipe(folder, kind, **sections):
    """A recipe of small models for a kind of task."""
    ending = {"classifier": "txt", "tagger": "conll", "span_finder": "jsonl"}[kind]
    more = {"always_answers": True, "overlap": 4} if kind == "span_finder" else {}
    found = {
        "task": {"kind": kind, "max_length": 16, **more},
        "data": {
            "folder": str(folder),
            "train": f"train.{ending}",
            "validation": f"validation.{ending}",
        },
        "tokenizer": {"kind": "word", "lowercase": True},
        "batches": {"batch_size": 16},
        "encoder": dict(LSTM),
        "training": dict(TRAINING),
    }
    found |= sections
    path = folder / f"{kind}.toml"
    path.write_text(write_toml({name: each for name, each in found.items() if each is not None}))
    return load_recipe(path)


def history(run):
    with (run / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


class Kill(keras.callbacks.Callback):
    """Ends a run in its second epoch."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 2 and self.second:
            raise KeyboardInterrupt

    def on_epoch_begin(self, epoch, logs=None):
        self.second = epoch == 1


@pytest.fixture(scope="module")
def run(folder):
    """A classifier's run."""
    train(recipe(folder, "classifier"), folder / "run")
    return folder / "run"


def test_a_classifier_learns_keeps_its_best_epoch_and_is_scored(folder, run):
    rows = history(run)
    best = max(float(row["val_accuracy"]) for row in rows)
    assert len(rows) == 3 and best > 0.9
    task = TextClassifier.load(run)  # the run's folder stands for the task in it
    chosen = recipe(folder, "classifier")
    ((part, scores),) = evaluate_run(task, chosen, run)
    assert (part, scores["texts"]) == ("validation", 40)
    assert scores["accuracy"] == pytest.approx(best)
    assert json.loads((run / "validation.scores.json").read_text()) == scores
    assert task.labels == ["False", "True"] and len(task.examples) == 40
    log = (run / "log.txt").read_text()
    assert "120 texts in" in log and "epoch 3/3: " in log and "validation accuracy" in log
    assert examine_recipe(chosen) == [] and examine_run(run) == []


def test_a_killed_classifier_ends_on_the_same_bits(folder, run, tmp_path):
    chosen = recipe(folder, "classifier")
    with pytest.raises(KeyboardInterrupt):
        train(chosen, tmp_path / "run", [Kill()])
    with pytest.raises(FileNotFoundError, match="run that was trained to its end"):
        model_folder(tmp_path / "run")
    task = train(chosen, tmp_path / "run")
    assert "goes on after 1 epochs" in (tmp_path / "run" / "log.txt").read_text()
    assert (tmp_path / "run" / "history.csv").read_bytes() == (run / "history.csv").read_bytes()
    for ours, theirs in zip(
        task.model.get_weights(), TextClassifier.load(run).model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_other_rows_and_another_recipe_are_refused(folder, run, tmp_path):
    with pytest.raises(ValueError, match="run of this same recipe"):
        train(recipe(folder, "classifier", batches={"batch_size": 8}), run)
    shutil.copytree(run, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "classifier")
    for name in ("train.txt", "validation.txt"):
        shutil.copy(folder / name, tmp_path)
    chosen = load_recipe(tmp_path / "run" / "recipe.toml")
    (folder / "train.txt").write_text((tmp_path / "train.txt").read_text() + "True a red dog\n")
    try:
        with pytest.raises(ValueError, match="the training data as the run"):
            train(chosen, tmp_path / "run")
    finally:
        shutil.copy(tmp_path / "train.txt", folder)


@pytest.mark.parametrize(
    ("kind", "task", "given", "answer"),
    [
        ("tagger", TokenClassifier, "the red dog sleeps", ["O", "O", "B-animal", "O"]),
        ("span_finder", QuestionAnswerer, ("which animal", "the red dog sleeps 3 hours"), "dog"),
    ],
)
def test_other_tasks_learn_by_their_recipes(folder, tmp_path, kind, task, given, answer):
    chosen = recipe(
        folder, kind, training=TRAINING | {"epochs": 6, "ema": 0.5, "patience": 5},
        data=recipe(folder, kind)["data"] | {"test_share": 0.1},
    )  # fmt: skip
    found = train(chosen, tmp_path / "run")
    assert type(found) is task and found(given) == answer
    scores = dict(evaluate_run(found, chosen, tmp_path / "run"))
    assert scores["validation"]["f1"] == pytest.approx(
        max(float(row["val_f1"]) for row in history(tmp_path / "run"))
    )
    assert scores["test"][{"tagger": "sentences", "span_finder": "questions"}[kind]] >= 10
    assert (model_folder(tmp_path / "run") / f"{kind}.json").is_file()
    page = report(tmp_path / "run", part="test").read_text(encoding="utf-8")
    assert f"<td>{scores['test']['f1']:.3f}</td>" in page and "tokens a second" in page
    assert ("By kind" in page) == (kind == "tagger")
    with pytest.raises(
        ValueError, match=f"run of a translator.*of a {kind}, which translates nothing"
    ):
        read_evaluation(tmp_path / "run", "test")


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    """A small random BERT in Hugging Face's layout, with MiniLM's real vocabulary."""
    folder = tmp_path_factory.mktemp("bert")
    torch.manual_seed(1)
    config = transformers.BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    transformers.BertModel(config).save_pretrained(folder)
    shutil.copy(MINILM / "vocab.txt", folder)
    return folder


def test_a_pretrained_folder_is_fine_tuned_and_gone_on_with(folder, bert, tmp_path):
    start = {"start.folder": str(bert), "data.folder": str(folder), "data.train": "train.txt"}
    start |= {"training.epochs": 1, "training.layer_decay": 0.9}
    overrides = [f"{name}={json.dumps(each)}" for name, each in start.items()]
    chosen = load_recipe("fine_tune_classifier", overrides)
    first = train(chosen, tmp_path / "run")
    origin = json.loads((tmp_path / "run" / "environment.json").read_text())["start"]
    assert origin["folder"] == str(bert) and list(origin["weights"]) == ["model.safetensors"]
    held_out = json.loads((tmp_path / "run" / "batches.json").read_text())["rows"]
    assert held_out == 108  # a tenth is held out
    same = train(chosen, tmp_path / "same")  # the new head is drawn by the seed
    for ours, theirs in zip(first.model.get_weights(), same.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    # A saved task has its own head.
    again = [*overrides, f"start.folder={json.dumps(str(tmp_path / 'run'))}"]
    with pytest.raises(ValueError, match="a saved classifier with its own. Leave start.head out"):
        train(load_recipe("fine_tune_classifier", again), tmp_path / "again")
    chosen = load_recipe("fine_tune_classifier", [*again, "training.learning_rate=1e-12"])
    del chosen["start"]["head"]
    second = train(chosen, tmp_path / "again")
    text = "the red dog sleeps"
    (ours,), (theirs,) = (list(task.probabilities([text])) for task in (first, second))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_vectors_and_values_and_several_labels_arrive(folder, tmp_path):
    vectors = tmp_path / "vectors.txt"
    words = [*COLOURS, *ANIMALS, "zebra"]
    vectors.write_text("".join(f"{word} {i} {i + 1} {i + 2}\n" for i, word in enumerate(words)))
    chosen = recipe(
        folder, "tagger", vectors={"path": str(vectors), "words": 9, "trainable": False},
        encoder={"kind": "RecurrentTextEncoder", "hidden_dim": 4},
    )  # fmt: skip
    course = course_of(chosen)
    corpus = course.data()
    ready = course.get_ready(corpus, course.train_tokenizers(corpus.train))
    task, lines = ready.task, ready.lines
    assert "zebra" in task.tokenizer.vocabulary and lines[0].startswith("vectors cover")
    table = np.array(task.model.encoder.embedding.weights[0])
    np.testing.assert_array_equal(table[task.tokenizer.vocabulary.index("blue")], [1, 2, 3])
    for labels, kept in (("regression", 0.5), ("multi_label", ["a", "b"])):
        cell = "0.5" if labels == "regression" else "b a"
        for part in ("train", "validation"):
            (tmp_path / f"{part}.tsv").write_text("text\tlabel\n" + f"a dog\t{cell}\n" * 3)
        found = recipe(
            folder, "classifier", task={"kind": "classifier", "labels": labels},
            data={"folder": str(tmp_path), "train": "train.tsv", "validation": "validation.tsv"},
        )  # fmt: skip
        assert [label for _, label in course_of(found).data().train] == [kept] * 3


def test_the_commands_take_a_run(folder, run, tmp_path, capsys):
    COMMANDS["export"](model_folder(run), tmp_path / "colours.tflite")
    COMMANDS["predict"](tmp_path / "colours.tflite", ["the red dog sleeps 3 hours"])
    COMMANDS["predict"](model_folder(run), ["the green dog sleeps 3 hours"])
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == ["True", "False"]
    COMMANDS["evaluate"](model_folder(run), folder / "validation.txt")
    assert "validation.txt: accuracy" in capsys.readouterr().out
    COMMANDS["plot"]("history", str(run), tmp_path / "curves.svg")
    assert "accuracy" in (tmp_path / "curves.svg").read_text(encoding="utf-8")


def test_json_has_each_epoch_and_the_scores(folder, tmp_path, capsys):
    path = folder / "short.toml"
    chosen = recipe(folder, "classifier", training=TRAINING | {"epochs": 1})
    path.write_text(write_toml(chosen))
    COMMANDS["train"](str(path), tmp_path / "run", as_json=True, quiet=True)
    said = capsys.readouterr()
    epoch, scores, saved = map(json.loads, said.out.splitlines())
    assert epoch["epoch"] == 1 and epoch["val_accuracy"] == scores["accuracy"]
    assert scores["part"] == "validation" and saved == {"saved": f"{tmp_path / 'run'}/classifier"}
    assert said.err == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": {"kind": "clasifier"}}, "task.kind of translator.*Did you mean classifier"),
        ({"encoder": None}, "Expected all of data, batches, tokenizer, encoder, training"),
        ({"encoder": {"hidden_dim": 8}}, r"Expected kind in \[encoder\]"),
        ({"joint_tokenizer": {"kind": "word"}}, "received 'joint_tokenizer'. Did you mean token"),
        ({"start": {"folder": "x"}}, r"starts from the one in start.folder.*\[tokenizer\] too"),
        ({"task": {"kind": "classifier", "labels": "many"}}, "labels to be single_label, multi_"),
        ({"training": TRAINING | {"learning_rat": 1}}, "Did you mean learning_rate"),
    ],
)
def test_what_a_recipe_lacks_is_said(folder, changes, message):
    with pytest.raises(ValueError, match=message):
        recipe(folder, "classifier", **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": {"folder": "FOLDER", "train": "train.txt"}}, "files of the validation part"),
        ({"tokenizer": {"kind": "wrod"}}, "a tokenizer of .*Did you mean word"),
        ({"encoder": {"kind": "BertEncodr"}}, "an encoder of .*Did you mean BertEncoder"),
        ({"encoder": LSTM | {"depth": 3}}, "arguments passed to RecurrentTextEncoder.*depth"),
        ({"model": {"pooling": "sum"}}, "pooling of first, max, mean; received 'sum'"),
        ({"training": TRAINING | {"optimizer": "adm"}}, "an optimizer of adam, adamw, sgd"),
    ],
)
def test_what_cannot_be_built_is_said_before_a_run_begins(folder, tmp_path, changes, message):
    if changes.get("data"):
        changes = {"data": changes["data"] | {"folder": str(folder)}}
    with pytest.raises(ValueError, match=message):
        train(recipe(folder, "classifier", **changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_every_kind_of_task_has_a_course_and_sections():
    assert set(COURSES) == set(SECTIONS)
    for name in ("sst2", "ag_news", "wnut17"):
        chosen = load_recipe(name)
        assert course_of(chosen).kind.name == chosen["task"]["kind"]


def test_shipped_recipes_find_their_data(data_folder, monkeypatch, tmp_path):
    if data_folder is None:
        pytest.skip("no data folder")
    monkeypatch.setenv("KERASSEQ_DATA", str(data_folder))
    parts = course_of(load_recipe("ag_news")).data()
    assert [len(parts.train), len(parts.validation), len(parts.test)] == [5404, 600, 1596]
    assert len(course_of(load_recipe("sst2")).data().train) == 6920
    assert len(course_of(load_recipe("wnut17")).data().test) == 1287
    with pytest.raises(ValueError, match="received words and their tags"):
        new_project(tmp_path / "names", [data_folder / "wnut17" / "train.conll"])


@pytest.mark.parametrize("key", ["training.accumulation_steps=2", "training.rematerialize=true"])
def test_large_steps_are_a_translator_s(key):
    with pytest.raises(ValueError, match=key.partition("=")[0].partition(".")[2]):
        load_recipe("ag_news", [key])


def test_a_pattern_of_several_files_is_refused(folder, tmp_path):
    for name in ("train.1.txt", "train.2.txt"):
        shutil.copy(folder / "train.txt", tmp_path / name)
    data = {"validation": str(folder / "validation.txt")}
    chosen = recipe(folder, "classifier", data=data | {"train": str(tmp_path / "train.1*.txt")})
    assert len(course_of(chosen).data().train) == 120
    chosen["data"]["train"] = str(tmp_path / "train.*.txt")
    with pytest.raises(
        ValueError, match="Expected one file of data.train; received a pattern of 2"
    ):
        course_of(chosen).data()
