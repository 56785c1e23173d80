"""What a newcomer gets wrong is said in the words of the command line, and at once."""

import contextlib
import gzip
import io
import json
import os
import pathlib
import pty
import re
import socket
import subprocess
import sys

import pytest

import kerasseq.cli
from kerasseq.cli.saying import as_options
from kerasseq.data import ParallelText, read_corpus
from kerasseq.extras import EXTRAS, check_extra
from kerasseq.recipes.columns import labelled_columns, pair_columns
from kerasseq.recipes.recipe import load_recipe, write_toml
from tests.cli.test_errors import SAVED, run

PAIRS = "".join(f"word {i}\tWort {i}\n" for i in range(60))
MOJIBAKE = "é".encode().decode("cp1252")


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Runs a command in a new folder, without a backend, and gives what it wrote."""

    def loaded():
        raise AssertionError("the backend")

    monkeypatch.chdir(tmp_path)
    for module in ("", ".training", ".serving", ".looking", ".sharing", ".examining"):
        monkeypatch.setattr(f"kerasseq.cli{module}.load_backend", loaded)

    def command(*arguments, code=1):
        monkeypatch.setattr(sys, "argv", ["kerasseq", *arguments])
        with pytest.raises(SystemExit) as end:
            kerasseq.cli.main()
        found = capsys.readouterr()
        assert (end.value.code or 0) == code, found.err
        return found.err if code else found.out

    return command


def test_a_warning_is_a_line_without_the_place_that_warns(tmp_path):
    text = "a warm film" + MOJIBAKE
    rows = [f"{text} {i}\t{['good', 'bad'][i % 2]}\n" for i in range(60)]
    (tmp_path / "reviews.tsv").write_text("".join(rows), encoding="utf-8")
    found = run(["new", "reviews", "reviews.tsv"], cwd=tmp_path)
    (line,) = found.stderr.splitlines()  # of the file, and not again of what was read from it
    assert line.startswith("warning: Expected text decoded once in reviews.tsv; received mojibake")
    found = run(["new", "--debug", "again", "reviews.tsv"], cwd=tmp_path)
    assert "UserWarning" in found.stderr


def test_pairs_are_warned_of_once_too(tmp_path):
    rows = [f"word {i}\t{MOJIBAKE} {i}\n" for i in range(60)]
    (tmp_path / "pairs.tsv").write_text("".join(rows), encoding="utf-8")
    found = run(["new", "pairs", "pairs.tsv"], cwd=tmp_path)
    assert found.stderr.count("warning: ") == len(found.stderr.splitlines()) == 1


def test_what_python_is_passed_is_an_option(said, tmp_path):
    def command(encoding, header): ...

    said_in_python = 'Pass encoding="cp1252", or header=False, or quotes=False.'
    in_the_shell = "Pass --encoding cp1252, or --no-header, or quotes=False."
    assert as_options(said_in_python, command) == in_the_shell
    python = "Name it; else pass header=False, or write it."
    assert as_options(python, command) == "Name it; else pass --no-header, or write it."
    assert as_options(python, lambda: None) == "Name it; else write it."
    rows = "Where is the café, my friend?;Var är kaféet, min vän?\r\n" * 9
    (tmp_path / "pairs.csv").write_bytes(rows.encode("cp1252"))
    assert "Pass --encoding cp1252 if it is that." in said("new", "pairs", "pairs.csv")


@pytest.mark.parametrize("name", EXTRAS)
def test_a_missing_extra_is_said_with_the_command_that_installs_it(name, monkeypatch):
    for module in EXTRAS[name].modules:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"pip install 'kerasseq\[{name}\]'\.$"):
        check_extra(name)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("litert", f"export {SAVED} out.tflite"),
        ("serve", f"serve {SAVED}"),
        ("grpc", f"serve {SAVED} --grpc-port 8500"),
        ("movie", f"plot steps {SAVED} out.mp4 --text one"),
        ("hub", f"push {SAVED} me/one"),
        ("tensorboard", "train numbers --tensorboard"),
    ],
)
def test_a_missing_extra_costs_no_time(name, arguments, said, monkeypatch):
    for module in EXTRAS[name].modules:
        monkeypatch.setitem(sys.modules, module, None)
    assert f"'kerasseq[{name}]'" in said(*arguments.split())


def test_a_project_s_folder_is_its_recipe(said, tmp_path, monkeypatch):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    said("new", "my words", "pairs.tsv", code=0)
    for folder, where in (("my words", ""), ("my words/", ""), (".", "my words")):
        monkeypatch.chdir(tmp_path / where)
        wrong = said("train", folder, "--set", "training.epochs=no")
        assert "Expected training.epochs to be" in wrong


def test_a_wrong_path_of_a_recipe_is_no_wrong_name(said, tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    said("new", "words", "pairs.tsv", code=0)
    assert "Did you mean words/words.toml?" in said("train", "words/word.toml")
    assert "multi30k_luong" not in said("train", "elsewhere/word.toml")
    assert "Did you mean numbers?" in said("train", "numbrs")


def test_the_folder_comes_before_the_file(said, tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    assert "Name the folder first." in said("new", "pairs.tsv", "words")


def test_an_export_is_told_from_what_was_saved(said, tmp_path):
    (tmp_path / "export" / "1").mkdir(parents=True)
    (tmp_path / "export" / "1" / "saved_model.pb").touch()
    for command in ("translate", "predict"):
        for folder in ("export", "export/1"):
            wrong = said(command, folder, "a dog")
            assert "received an export, which kerasseq serve and" in wrong
            assert "Name the folder that save wrote." in wrong


def test_a_run_of_another_recipe_says_what_differs_at_once(said, tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    said("new", "words", "pairs.tsv", code=0)
    run = tmp_path / "runs" / "words"
    run.mkdir(parents=True)
    (run / "recipe.toml").write_text(write_toml(load_recipe("words", ["training.epochs=7"])))
    wrong = said("train", "words", "--set", "training.epochs=3", "--set", "training.ema=0.9")
    assert "with training.ema that is not set for 0.9. Go on by that recipe" in wrong
    wrong = said("train", "words", "--set", "training.epochs=3")
    assert "with training.epochs 7 for 3." in wrong
    said("train", "words", "--set", "training.epochs=7")  # goes on, to the backend


def test_an_excel_table_is_a_table_of_labels(tmp_path):
    names = "Rezension;Note\r\n"
    rows = [f"{'warmer' if i % 2 else 'fader'} Film {i};{['gut', 'schlecht'][i % 2]}\r\n"
            for i in range(40)]  # fmt: skip
    path = tmp_path / "Meine Kritiken.csv"
    path.write_bytes((names + "".join(rows)).encode("utf-8-sig"))
    columns = labelled_columns(path)
    assert columns == ["Rezension", "Note"]
    texts, labels = zip(*read_corpus("LabelledText", path, columns), strict=True)
    assert texts[0] == "fader Film 0" and set(labels) == {"gut", "schlecht"}
    path.write_text("text,label,group\n" + "".join(f"a {i},{i % 2},{i % 3}\n" for i in range(40)))
    assert labelled_columns(path) == []  # the reader's own
    lines = tmp_path / "lines.txt"
    lines.write_text("good a film\nbad a film\n")
    assert labelled_columns(lines) == []


def test_an_excel_table_is_a_table_of_pairs(tmp_path):
    path = tmp_path / "Meine Paare.csv"
    path.write_bytes("English;Svenska\r\nGo.;Gå.\r\nRun, now!;Spring nu!\r\n".encode("utf-8-sig"))
    for columns in ((0, 1), ("English", "Svenska")):
        pairs = list(ParallelText.from_table(path, *columns))
        assert pairs == [("Go.", "Gå."), ("Run, now!", "Spring nu!")]


def test_a_project_is_not_taken_for_its_run(said, tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    said("new", "my words", "pairs.tsv", code=0)
    assert "which holds a recipe. Train it first." in said("translate", "my words", "one")
    run = tmp_path / "runs" / "my words"
    run.mkdir(parents=True)
    (run / "recipe.toml").touch()
    assert "Did you mean runs/my words?" in said("translate", "my words", "one")
    assert "Did you mean runs/my words?" in said("predict", "my word", "one")
    assert f"Check the path from {tmp_path} on." in said("serve", "elsewhere")


def test_extras_are_quoted_wherever_they_are_shown():
    """zsh, the shell of a Mac, takes what stands in brackets for a pattern of files."""
    root = pathlib.Path(kerasseq.__file__).parents[1]
    pages = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "clients").rglob("*.md")]
    shown = "".join(page.read_text(encoding="utf-8") for page in pages if "_build" not in str(page))
    assert shown.count("pip install 'kerasseq[") > 5
    assert not re.search(r"pip install [^'`\n]*\[", shown)


def test_a_name_in_capitals_is_a_table_and_a_list_in_json_is_none(said, tmp_path):
    rows = "".join(f"word {i};Wort {i}\r\n" for i in range(60))
    (tmp_path / "PAIRS.CSV").write_bytes(b"English;Deutsch\r\n" + rows.encode())
    assert "columns English and Deutsch" in said("new", "words", "PAIRS.CSV", code=0)
    with gzip.open(tmp_path / "Pairs.Tsv.GZ", "wt") as file:
        file.write(PAIRS)
    assert said("new", "packed", "Pairs.Tsv.GZ", code=0).startswith("60 pairs")
    (tmp_path / "pairs.json").write_text('[{"en": "one", "de": "ein"}]')
    assert "one a line into a .jsonl" in said("new", "again", "pairs.json")


def test_a_port_in_use_is_said_before_the_model_is_exported(said):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"port {port}: Address already in use" in said("serve", SAVED, "--port", port)
        wrong = said("serve", SAVED, "--port", "0", "--grpc-port", port)
        assert "Choose another by --grpc-port" in wrong
    assert "Choose another" in said("serve", SAVED, "--host", "no.such.host.invalid")


def test_a_terminal_is_told_that_lines_are_awaited(monkeypatch, capsys):
    from kerasseq.cli.answering import _read

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\n")))
    assert list(_read(None, None, "utf-8")[1]) == ["one"] and capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert list(_read(None, None, "utf-8")[1]) == [] and "Ctrl-D" in capsys.readouterr().err


def test_the_doctor_finds_columns_and_projects(said, tmp_path):
    rows = [{"id": i, "en": f"word {i}", "de": f"Wort {i}"} for i in range(60)]
    (tmp_path / "pairs.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert pair_columns(tmp_path / "pairs.jsonl") == ("en", "de")
    assert "Expected" not in said("doctor", "pairs.jsonl", code=0)
    assert "Expected" not in said("doctor", "pairs.jsonl", "--source=de", "--target=en", code=0)
    (tmp_path / "tags.tsv").write_text("a\tb\n" * 60)
    assert pair_columns(tmp_path / "tags.tsv") == (0, 1)
    said("new", "words", "pairs.jsonl", code=0)
    assert "the backend" in said("doctor", "words")


def test_a_recipe_s_missing_data_is_said_with_where_to_name_it(said, monkeypatch):
    monkeypatch.delenv("KERASSEQ_DATA", raising=False)
    wrong = said("train", "wnut17")
    assert "wnut17/train.conll" in wrong and "KERASSEQ_DATA the one that holds wnut17." in wrong


def test_words_are_aligned_into_a_new_file(said, tmp_path):
    pairs = [(f"a{i % 7} b{i % 5}", f"B{i % 5} A{i % 7}.") for i in range(200)]
    (tmp_path / "pairs.tsv").write_text("".join("\t".join(pair) + "\n" for pair in pairs))
    out = said("align", "pairs.tsv", "-o", "train.align", code=0)
    lines = (tmp_path / "train.align").read_text().splitlines()
    assert out.startswith("200 pairs, ") and len(lines) == 200
    assert sum(line == "0-1 1-0" for line in lines) > 180
    with_lines = ParallelText.from_tsv(tmp_path / "pairs.tsv").with_alignments(lines)
    assert list(with_lines.alignments.lines()) == lines
    assert "none.tsv" in said("align", "none.tsv", "-o", "other.align")


@pytest.mark.parametrize("value", ["5", "-0.1", "1", '"high"', "true"])
@pytest.mark.parametrize("key", ["encoder.dropout", "model.dropout"])
def test_a_dropout_is_a_share_in_every_model(said, key, value):
    given = said("train", "sst2", "--set", f"{key}={value}")
    assert f"Expected {key} to be a share of at least 0, below 1" in given


def test_a_word_is_said_before_the_backend_is_there():
    first, second = pty.openpty()
    command = "from kerasseq.cli.quiet_backend import load_backend; load_backend(); print('there')"
    with subprocess.Popen([sys.executable, "-c", command], stdout=second, stderr=second):
        os.close(second)
        printed = b""
        with contextlib.suppress(OSError):  # where the other end is closed
            while piece := os.read(first, 1000):
                printed += piece
    os.close(first)
    assert re.fullmatch(r"loading \w+ …\r\x1b\[Kthere\r\n", printed.decode())


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--epochs", "3"], "training.epochs=3"),
        (["--learning-rate=1e-4"], "training.learning_rate=1e-4"),
        (["--batch_size", "8"], "batches.batch_size=8"),
        (["--epochs"], "training.epochs=VALUE"),
    ],
)
def test_a_key_of_the_recipe_is_no_option(said, arguments, advice):
    assert f"Say --set {advice}." in said("train", "numbers", *arguments)


@pytest.mark.parametrize(
    "command",
    [
        f"distil more {SAVED} --data pairs.csv",
        f"backtranslate more english.txt {SAVED} --data pairs.csv",
        "doctor pairs.csv",
        f"evaluate {SAVED} pairs.csv",
        "new more pairs.csv",
    ],
)
def test_a_row_that_may_be_names_is_asked_about_by_what_the_command_has(command, said, tmp_path):
    (tmp_path / "pairs.csv").write_text("de,en\n" + PAIRS.replace("\t", ","))
    (tmp_path / "english.txt").write_text("one\n")
    wrong = said(*command.split())
    assert "'de', 'en'. Name the columns that are wanted if it does; else " in wrong
    assert ("--no-header" in wrong) == command.startswith("new") and "header=" not in wrong
    twice = "--column en --column en" if "evaluate" in command else "--source en --target en"
    wrong = said(*command.split(), *twice.split())
    assert "Expected different columns of pairs.csv; received 'en' twice." in wrong
