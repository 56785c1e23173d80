"""`predict` and `translate` say what Python says, of every task; models are found by name."""

import json
import shutil
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import small_files
from small_files import LINES

import kerasseq as ks
from kerasseq import cli
from kerasseq.models import (
    BertEncoder,
    MaskedLanguageModel,
    SentenceEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
)
from kerasseq.saved_models import CLONE, named_models
from kerasseq.text import WordPieceTokenizer

PAIRS = [("who walks ?", LINES[0]), ("where ?", LINES[2])]


def encoder_task(kind):
    """A task of a small BERT."""
    tokenizer = WordPieceTokenizer.train(LINES, 60)
    encoder = BertEncoder(tokenizer.vocabulary_size, 16, 1, 2, max_length=24)
    if kind == "tagger":
        return ks.TokenClassifier(SequenceTagger(encoder, 3), tokenizer, ["O", "B-a", "I-a"], 24)
    if kind == "questions":
        return ks.QuestionAnswerer(SpanClassifier(encoder, tokenizer.close_ids[0]), tokenizer, 24)
    if kind == "values":
        model = SequenceClassifier(encoder, 1)
        return ks.TextClassifier(model, tokenizer, ["value"], 24, kind="regression")
    if kind == "masks":
        return ks.MaskFiller(MaskedLanguageModel(encoder), tokenizer, 24)
    return ks.TextEncoder(SentenceEncoder(encoder), tokenizer, 24)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A function from a kind of task to the task and its folder."""
    made = {}

    def make(kind):
        if kind not in made:
            keras.utils.set_random_seed(1)
            folder = tmp_path_factory.mktemp("saved") / kind
            if kind in ("translator", "classifier"):
                made[kind] = getattr(small_files, kind)(folder)(folder), folder
            else:
                made[kind] = encoder_task(kind), folder
                made[kind][0].save(folder)
        return made[kind]

    return make


@pytest.fixture
def said(monkeypatch, capsys):
    """A function that runs a command in this process and gives the lines it prints."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["kerasseq", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        assert end.value.code == 0, printed.err
        return printed.out.splitlines()

    return run


@pytest.mark.parametrize("kind", ["translator", "classifier", "tagger", "masks", "vectors"])
def test_each_line_is_answered_as_python_answers_it(kind, saved, said, tmp_path):
    task, folder = saved(kind)
    lines = [f"{line} [MASK]" for line in LINES] if kind == "masks" else LINES
    (tmp_path / "lines.txt").write_text("".join(f"{line}\n" for line in lines))
    printed = said("predict", folder, "--file", tmp_path / "lines.txt")
    assert len(printed) == len(lines)
    if kind != "vectors":  # whose sums differ with the batch
        assert said("predict", folder, lines[0]) == printed[:1]
    known = [json.loads(each) for each in said("predict", folder, "--json", *lines)]
    assert [each["input"] for each in known] == lines
    for line, text, each, found in zip(lines, printed, known, task.answers(lines), strict=True):
        summary, score = task.processor.summary(found)
        if kind == "vectors":
            np.testing.assert_allclose(np.array(text.split(), float), summary, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(each["answers"][0]["values"], summary, rtol=1e-4, atol=1e-5)
            continue
        assert text == summary
        (scored,) = said("predict", folder, "--scores", line)
        assert scored.split("\t")[1:] == [text] if text else not scored.split("\t")[-1]
        assert float(scored.split("\t")[0]) == pytest.approx(score, abs=2e-4)
        first = each["answers"][0][0] if kind == "masks" else each["answers"][0]
        best = found[0][0] if kind == "masks" else found[0]
        assert first["text"] == best.text and len(each["answers"]) == len(found)


def test_two_texts_stand_on_a_line_or_are_given_apart(saved, said):
    task, folder = saved("questions")
    answers = task(PAIRS)
    assert said("predict", folder, *map("\t".join, PAIRS)) == answers
    assert said("predict", folder, PAIRS[0][0], "--pair", PAIRS[0][1]) == answers[:1]
    task, folder = saved("classifier")
    assert said("predict", folder, "--pairs", *map("\t".join, PAIRS)) == task(PAIRS)
    with pytest.raises(ValueError, match="two texts with a tab between in line 2; received 1"):
        list(cli.answering._pairs(["a\tb", "c"]))


def test_each_task_is_scored_on_a_file_of_its_kind(saved, said, tmp_path):
    task, folder = saved("classifier")
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"{line},bad\n" for line in LINES))
    # In a .tsv a quote is a letter, as in pairs.
    (tmp_path / "t.tsv").write_text("text\tlabel\n" + "".join(f'"{x}\tbad\n' for x in LINES))
    (tmp_path / "t.jsonl").write_text(
        "".join(json.dumps({"body": line, "kind": "bad"}) + "\n" for line in LINES)
    )
    (tmp_path / "t.txt").write_text("".join(f"bad {line}\n" for line in LINES))
    share = np.mean([each == "bad" for each in task(LINES)])
    for name, columns in (("t.csv", []), ("t.txt", []), ("t.jsonl", ["body", "kind"])):
        asked = [each for column in columns for each in ("--column", column)]
        expected = f"{name}: accuracy {share:.4f}, 3 texts"
        assert said("evaluate", folder, tmp_path / name, *asked) == [expected]
    marked = np.mean([each == "bad" for each in task([f'"{line}' for line in LINES])])
    expected = [f"t.tsv: accuracy {marked:.4f}, 3 texts"]
    assert said("evaluate", folder, tmp_path / "t.tsv") == expected
    task, folder = saved("tagger")
    words = "".join("".join(f"{word} O\n" for word in line.split()) + "\n" for line in LINES)
    (tmp_path / "t.conll").write_text(words.replace("dogs O", "dogs B-a"))
    *kinds, line = said("evaluate", folder, tmp_path / "t.conll")
    scores = task.scores(ks.data.TaggedText.from_conll(tmp_path / "t.conll"))
    assert f"f1 {scores['f1']:.4f}" in line and line.endswith("3 sentences")
    assert kinds == [f"a: f1 {scores['by_kind']['a']['f1']:.4f}, 1 entities"]
    task, folder = saved("questions")
    answers = {"text": ["his dog"], "answer_start": [12]}
    row = {"question": PAIRS[0][0], "context": PAIRS[0][1], "answers": answers}
    (tmp_path / "q.jsonl").write_text(json.dumps(row) + "\n")
    scores = task.scores(ks.data.QuestionAnswers.from_rows([row]))
    (line,) = said("evaluate", folder, tmp_path / "q.jsonl")
    assert f"f1 {scores['f1']:.4f}" in line and line.endswith("1 questions")


def test_summaries_are_scored_by_rouge_where_it_is_asked_for(saved, said, tmp_path):
    task, folder = saved("translator")
    sources, references = tmp_path / "long.txt", tmp_path / "short.txt"
    sources.write_text("".join(f"{line}\n" for line in LINES))
    references.write_text("".join(f"{text}\n" for text in task(LINES[:-1])) + "other words\n")
    plain, _ = said("evaluate", folder, sources, references)
    line, _ = said("evaluate", folder, sources, references, "--rouge")
    scores = ks.metrics.rouge_scores(task(LINES), references.read_text().splitlines())
    rouge = " / ".join(f"{each:.2f}" for each in scores.values())
    assert 0 < scores["rouge1"] < 100
    assert line == plain.replace("BLEU", f"ROUGE-1 / 2 / L {rouge}, BLEU")


def test_a_tflite_file_answers_without_tensorflow(saved, tmp_path):
    code = (
        "import atexit, sys; from kerasseq import cli; "
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); cli.main()"
    )
    for kind, command in (("translator", "translate"), ("classifier", "predict")):
        task, path = saved(kind)[0], tmp_path / f"{kind}.tflite"
        task.export(path, LINES)
        arguments = [sys.executable, "-c", code, command, str(path), *LINES]
        found = subprocess.run(arguments, capture_output=True, text=True)
        assert found.returncode == 0 and found.stdout.splitlines() == task(LINES), found.stderr
        (modules,) = found.stderr.splitlines()  # and nothing that a runtime says of itself
        assert not {"tensorflow", "keras"} & set(modules.split())


def test_models_of_the_clone_have_names(said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert {path.parent for path in named_models().values()} == {CLONE}
    names = [line.split()[0] for line in said("models")]
    assert names == sorted(named_models()) and "numbers_en_de" in names
    assert said("translate", "numbers_en_de", "forty two") == ["zweiundvierzig"]
    (tmp_path / "terms.tsv").write_text("Forty\tfünfzig|dreißig\n", encoding="utf-8")
    terms = ("--glossary", str(tmp_path / "terms.tsv"))
    (text,) = said("translate", "numbers_en_de", "forty two", *terms)
    assert "fünfzig" in text.split() or "dreißig" in text.split()
    assert ks.Translator.load("numbers_en_de")("forty two") == "zweiundvierzig"
    with pytest.raises(FileNotFoundError, match="numbers_en_de.*Did you mean multi30k_de_en"):
        ks.Translator.load("multi30k_de-en")
    (tmp_path / "numbers_en_de").mkdir()  # what is there goes first
    with pytest.raises(FileNotFoundError, match="without translator.json"):
        ks.Translator.load("numbers_en_de")


def test_the_package_of_models_holds_every_file_and_is_found(tmp_path):
    built = shutil.ignore_patterns("build", "*.egg-info")  # by an earlier `make wheels`
    shutil.copytree(CLONE, tmp_path / "source", ignore=built)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(tmp_path)!r})"
    subprocess.run(
        [sys.executable, "-c", build], cwd=tmp_path / "source", check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 25e6
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    installed = tmp_path / "site" / "kerasseq_models"
    for folder in named_models().values():
        for path in folder.rglob("*"):
            assert path.is_dir() or (installed / path.relative_to(CLONE)).is_file(), path
    shutil.copytree(CLONE.parent / "kerasseq", tmp_path / "site" / "kerasseq")
    code = "from kerasseq.saved_models import named_models; print(*named_models().values())"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "site", capture_output=True, text=True
    )
    assert found.stdout.split() == [str(installed / name) for name in sorted(named_models())]


def test_of_a_value_the_number_is_printed(saved, said, capsys, tmp_path):
    task, folder = saved("values")
    file = tmp_path / "values.tflite"
    task.export(file, LINES)
    capsys.readouterr()  # what the export said
    for model in (folder, file):
        for options in ((), ("--scores",)):
            printed = [float(line) for line in said("predict", model, *options, *LINES)]
            np.testing.assert_allclose(printed, task(LINES), atol=1e-4)


def test_of_an_empty_line_it_is_said_that_nothing_was_read(saved, said, tmp_path):
    task, folder = saved("classifier")
    (tmp_path / "lines.txt").write_text(f"{LINES[0]}\n\n \n{LINES[1]}\n")
    with pytest.warns(UserWarning, match="received 2 that are empty, line 2 first"):
        printed = said("predict", folder, "--file", tmp_path / "lines.txt")
    assert printed == task([LINES[0], "", "", LINES[1]])
