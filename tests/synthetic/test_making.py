"""Distillation and back-translation, by the number translator: a teacher that is right."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

import kerasseq.cli
from kerasseq import Translator
from kerasseq.bulk import open_rows
from kerasseq.data import ParallelText
from kerasseq.data.numbers import number_pairs
from kerasseq.recipes import load_recipe, train
from kerasseq.synthetic import Given, backtranslate, distil, read_given
from kerasseq.synthetic.given import is_recipe
from kerasseq.synthetic.texts import EMPTY, HELD_OUT, REPEATED

ROOT = pathlib.Path(__file__).parents[2]
TEACHER = ROOT / "saved_models" / "numbers_en_de"
SMALL = [
    "training.epochs=1",
    "training.warmup_steps=0",
    "model.embedding_dim=8",
    "model.hidden_dim=8",
    "translation.max_length=4",
]


@pytest.fixture(scope="module")
def teacher():
    return Translator.load(TEACHER)


@pytest.fixture(scope="module")
def pairs():
    """More than two parts of work."""
    return number_pairs(train=1100, validation=20, test=20)


def given_of(train, held_out, recipe=None):
    parts = [ParallelText.from_pairs(part) for part in (train, held_out, held_out)]
    return Given(*parts, recipe)


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_a_teacher_says_is_learned_and_each_drop_is_told(teacher, pairs, tmp_path):
    train_pairs, held_out, _ = pairs
    sources = [source for source, _ in train_pairs[:60]]
    long = " ".join(["one"] * 300)
    texts = [*sources, "", sources[0], held_out[0][0], long]
    given = given_of([(text, "x") for text in texts], held_out, load_recipe("numbers"))
    told = []
    made = distil(
        tmp_path / "student", [TEACHER], given, worst=0.1,
        progress=lambda done, rows: told.append((done, rows)),
    )  # fmt: skip
    assert told[-1] == (64, 64) and told == sorted(told)
    assert not (tmp_path / "student.parts").exists()
    kept, dropped = (
        rows_of(tmp_path / "student" / f"{n}.jsonl") for n in ("translated", "dropped")
    )
    assert {EMPTY: 1, REPEATED: 1, HELD_OUT: 1}.items() <= made.dropped.items()
    assert made.dropped["that are longer than the translator reads"] == 1
    assert made.dropped["among the worst by their score"] == 6
    assert sum(made.dropped.values()) == len(dropped) == made.parts["dropped.jsonl"]
    assert len(kept) + len(dropped) == len(texts) and made.weights is None
    assert [row["target"] for row in kept] == teacher([row["source"] for row in kept])
    sums = teacher.score([(row["source"], row["target"]) for row in kept])
    for row, total in zip(kept, sums, strict=True):
        length = len(teacher.processor.target_ids(row["target"]))
        assert row["score"] == pytest.approx(total / length, abs=1e-6)
        assert row["score"] >= made.threshold
    worst = [row for row in dropped if row["reason"] == "among the worst by their score"]
    assert all(row["score"] < made.threshold and row["translation"] for row in worst)
    recipe = load_recipe(made.recipe)
    assert recipe["data"]["train"] == "translated.jsonl"
    assert recipe["model"] == load_recipe("numbers")["model"]
    student = train(load_recipe(made.recipe, SMALL), tmp_path / "run")
    assert isinstance(student, Translator)


def test_killed_and_called_again_it_ends_as_one_that_was_not(pairs, tmp_path):
    train_pairs, held_out, _ = pairs
    given = given_of(train_pairs, held_out)
    (tmp_path / "pairs.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in train_pairs))
    command = [sys.executable, "-m", "kerasseq", "distil", "student", TEACHER]
    command += ["--data", "pairs.tsv", "--together", "16"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    parts = tmp_path / "student.parts" / "answers"
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        while not list(parts.glob("*.json")):
            assert running.poll() is None, running.stdout.read()
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    assert not (tmp_path / "student").exists()
    first = sorted(parts.glob("*.json"))[0]
    before = first.stat().st_mtime_ns
    given = read_given([str(tmp_path / "pairs.tsv")])
    with pytest.raises(ValueError, match="received some with another together"):
        distil(tmp_path / "student", [TEACHER], given)
    assert first.stat().st_mtime_ns == before  # it is not translated again
    told = []
    distil(tmp_path / "student", [TEACHER], given, together=16, say=told.append)
    assert told[0].startswith("goes on: ") and told[0].endswith(" of 2 parts are done")
    (tmp_path / "whole").mkdir()
    distil(tmp_path / "whole" / "student", [TEACHER], given, together=16)
    assert written(tmp_path / "student") == written(tmp_path / "whole" / "student")
    assert not list(tmp_path.glob("student.*"))
    recipe = load_recipe(tmp_path / "student" / "student.toml")
    assert recipe["model"]["num_decoder_layers"] == 1 and recipe["model"]["num_layers"] == 3
    with pytest.raises(FileExistsError, match="which exists"):
        distil(tmp_path / "student", [TEACHER], given)


def test_several_teachers_are_one_and_must_share_their_tokenizers(teacher, pairs, tmp_path):
    given = given_of(pairs[0][:20], pairs[1])
    made = distil(tmp_path / "two", [TEACHER, TEACHER], given, worst=0, original=0.5)
    kept = rows_of(tmp_path / "two" / "translated.jsonl")
    assert [row["target"] for row in kept] == teacher([row["source"] for row in kept])
    assert made.weights == [1, 0.5] and made.parts["original.jsonl"] == 20
    recipe = load_recipe(made.recipe)
    assert recipe["data"]["train"] == ["translated.jsonl", "original.jsonl"]
    assert recipe["batches"]["weights"] == [1, 0.5]
    other = TEACHER.with_name("multi30k_en_de")
    with pytest.raises(ValueError, match="translators with one source tokenizer"):
        distil(tmp_path / "other", [TEACHER, other], given)
    assert not list(tmp_path.glob("other*"))


def test_no_translation_left_is_one_sentence_and_the_work_stays(pairs, tmp_path):
    given = given_of(pairs[0][:20], pairs[1])
    with pytest.raises(ValueError, match="received 20 with a score below the least. Lower"):
        distil(tmp_path / "none", [TEACHER], given, least=0.1)
    assert not (tmp_path / "none").exists()
    made = distil(tmp_path / "none", [TEACHER], given)  # of what was translated
    assert made.parts["translated.jsonl"] == 19


def test_texts_are_translated_back_and_both_are_read(teacher, pairs, tmp_path, monkeypatch, capsys):
    """German to English is learned; English to German, the number translator, goes back."""
    train_pairs, _, _ = pairs
    (tmp_path / "pairs.tsv").write_text("".join(f"{b}\t{a}\n" for a, b in train_pairs[:60]))
    texts = [source for source, _ in train_pairs[60:90]]
    (tmp_path / "english.txt").write_text("".join(f"{text}\n" for text in [*texts, texts[0], ""]))
    monkeypatch.chdir(tmp_path)
    command = f"backtranslate more english.txt {TEACHER} --data pairs.tsv --worst 0"
    monkeypatch.setattr(sys, "argv", ["kerasseq", *command.split()])
    with pytest.raises(SystemExit) as end:
        kerasseq.cli.main()
    said = capsys.readouterr().out
    assert end.value.code == 0
    assert f"dropped: 1 {REPEATED}" in said and "next: kerasseq train more/more.toml" in said
    kept, original = (
        rows_of(pathlib.Path("more", f"{n}.jsonl")) for n in ("translated", "original")
    )
    assert [row["target"] for row in kept] == texts
    assert [row["source"] for row in kept] == [f"<bt> {text}" for text in teacher(texts)]
    assert len(original) < 60 and "score" not in original[0]
    recipe = load_recipe("more/more.toml")
    assert recipe["batches"]["weights"] == [round(len(original) / 30, 2), 1.0]
    assert recipe["model"].get("num_decoder_layers") is None
    recipe["model"] |= {"hidden_dim": 8, "num_heads": 2, "feed_forward_dim": 8, "num_layers": 1}
    recipe["training"] |= {"epochs": 1, "warmup_steps": 0, "quality_every": 0}
    student = train(recipe, tmp_path / "run")
    assert "<bt>" in student.source.vocabulary
    tokens = [student.source.tokens(text) for text in ("<bt> eins", "eins")]
    assert tokens[0] == ["▁", "<bt>", *tokens[1]]


def test_a_text_without_a_tag_and_a_recipe_of_another_kind(pairs, tmp_path):
    given = given_of([(b, a) for a, b in pairs[0][:20]], [(b, a) for a, b in pairs[1]])
    (tmp_path / "english.csv").write_text("n,english\n1,one\n2,two hundred\n")
    rows = open_rows(tmp_path / "english.csv", "english", None)
    made = backtranslate(
        tmp_path / "more", rows, [TEACHER], given, tag=None, original=3.0, worst=0,
        recipe=load_recipe("multi30k"),
    )  # fmt: skip
    kept = rows_of(tmp_path / "more" / "translated.jsonl")
    assert [(row["source"], row["target"]) for row in kept] == [
        ("eins", "one"), ("zweihundert", "two hundred"),
    ]  # fmt: skip
    recipe = load_recipe(made.recipe)
    assert recipe["model"] == load_recipe("multi30k")["model"]
    assert "user_defined_symbols" not in recipe["joint_tokenizer"]
    assert recipe["batches"]["weights"] == [1, 3]
    with pytest.raises(ValueError, match="received ag_news, of a classifier"):
        read_given(["ag_news"])
    with pytest.raises(FileNotFoundError, match="Did you mean numbers"):
        read_given(["number"])
    assert is_recipe([str(made.recipe.parent)])  # a project's folder is its recipe


def test_a_drafted_recipe_fits_all_that_is_learned_from(pairs, tmp_path, monkeypatch):
    """Of short texts in UTF-16, and longer pairs in UTF-8 whose columns are named."""
    joined = [(" und ".join([b] * 9), " and ".join([a] * 9)) for a, b in pairs[0][200:300]]
    rows = [",".join(pair) + "\n" for pair in [("de", "en"), *joined]]
    (tmp_path / "pairs.csv").write_text("".join(rows))
    (tmp_path / "english.txt").write_text("one\ntwo hundred\n", encoding="utf-16")
    monkeypatch.chdir(tmp_path)
    command = f"backtranslate more english.txt {TEACHER} --data pairs.csv --source de --target en"
    command += " --worst 0 --encoding utf-16 --data-encoding utf-8"
    monkeypatch.setattr(sys, "argv", ["kerasseq", *command.split()])
    with pytest.raises(SystemExit) as end:
        kerasseq.cli.main()
    assert end.value.code == 0
    lines = [row["target"].split() for row in rows_of(pathlib.Path("more", "original.jsonl"))]
    recipe = load_recipe("more/more.toml")
    assert recipe["translation"]["max_length"] > max(map(len, lines))
    assert pathlib.Path("more/more.toml").read_text().startswith(f"# {len(lines) + 2} pairs")


@pytest.mark.parametrize("name", ["worst", "least", "original"])
def test_a_number_that_is_none_is_refused_before_the_work(name, pairs, tmp_path):
    given = given_of(pairs[0][:20], pairs[1])
    with pytest.raises(ValueError, match="Expected .*received nan"):
        distil(tmp_path / "none", [TEACHER], given, **{name: float("nan")})
    assert not list(tmp_path.iterdir())
