"""Files of any length: rows in and out, parts that stay, workers that are killed."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import keras
import pandas
import pyarrow
import pytest
from pyarrow import parquet

from kerasseq import Translator
from kerasseq.bulk import open_rows
from kerasseq.bulk.formats import Refused
from kerasseq.bulk.work_folder import ROWS, Answer, Part, WorkFolder
from kerasseq.export.saved_task import SavedTranslator
from kerasseq.models import RecurrentSeq2Seq
from kerasseq.text import WordTokenizer

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def translator(number_text):
    keras.utils.set_random_seed(1)
    source, target = (
        WordTokenizer.train(side)
        for side in ([line for line, _ in number_text[0]], ["ein zwei drei vier"])
    )
    model = RecurrentSeq2Seq(source.vocabulary_size, target.vocabulary_size, 8, 8)
    options = {"max_length": 4, "max_source_length": 12}
    return Translator(model, source, target, **options, examples=["one", "two hundred"])


@pytest.fixture(scope="module")
def export(translator, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "1"
    translator.export(path)
    return path


def children(process):
    """The ids of a process' children."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
    return list(map(int, found.stdout.split()))


def test_a_file_is_translated_though_a_worker_is_killed(translator, export, number_text, tmp_path):
    lines = [line for line, _ in number_text[0] for _ in range(4)][: 2 * ROWS + 300]
    rows = [json.dumps({"n": n, "text": line}) for n, line in enumerate(lines)]
    rows[1], rows[2], rows[ROWS] = "{no json", '{"text": null}', '{"text": ["one"]}'
    (tmp_path / "in.jsonl").write_text("\n".join(rows) + "\n")
    output = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "kerasseq", "bulk", export.parent, "in.jsonl", output.name]
    command += ["--column", "text", "--workers", "2"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        while len(found := children(running)) < 2:
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.05)
        os.kill(found[1], signal.SIGSTOP)  # while it loads: its parts are still to go
        while not list((tmp_path / "out.jsonl.parts" / "answers").glob("*.json")):
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.01)
        os.kill(found[1], signal.SIGKILL)
        said = running.communicate(timeout=120)[1]
    assert running.returncode == 0, said
    assert "a worker ended (signal 9)" in said and "without a translation" in said
    found = [json.loads(line) for line in output.read_text().splitlines()]
    wrong = {1, 2, ROWS}
    assert [row.get("n") for row in found] == [
        n if n not in wrong else None for n in range(len(lines))
    ]
    right = [n for n in range(len(lines)) if n not in wrong]
    assert len({row["translation"] for row in found}) > 5
    assert [found[n]["translation"] for n in right] == translator([lines[n] for n in right])
    assert {found[n]["translation"] for n in wrong} == {None}
    apart = [json.loads(line) for line in (tmp_path / "out.jsonl.apart.jsonl").open()]
    unwhole = "The translation was not finished at its greatest length."
    assert [each["row"] - 1 for each in apart if each["reason"] != unwhole] == sorted(wrong)
    assert not (tmp_path / "out.jsonl.parts").exists()
    again = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert again.returncode == 1 and "which exists" in again.stderr


def test_a_text_that_fails_leaves_the_others(translator, export):
    from kerasseq.bulk.handler import TRUNCATED, TranslatorHandler

    class Failing(SavedTranslator):
        def columns(self, inputs):
            if "bad" in inputs:
                raise RuntimeError("of a reason")
            return super().columns(inputs)

    texts = ["one", "bad", "two " * 20, "", "\ud800 three hundred"]
    handler = TranslatorHandler(export, together=2)
    (found,) = handler.run_inference([Part(0, texts)], Failing(export))
    answers = found.inference
    assert found.example == Part(0, texts)
    assert answers[1] == Answer(None, "RuntimeError: of a reason")
    assert answers[2].reason == TRUNCATED
    with pytest.warns(UserWarning, match="longer"):
        expected = translator([text for text in texts if text != "bad"])
    assert [each.text for each in answers if each.text is not None] == expected


@pytest.mark.parametrize("ending", [".txt", ".txt.gz", ".csv", ".tsv", ".jsonl", ".jsonl.gz"])
def test_rows_keep_their_order_and_their_other_columns(ending, tmp_path):
    import gzip

    kind, texts = ending.removesuffix(".gz"), ["a, b", "c", 'd "e"']
    content = {
        ".txt": 'a, b\nc\nd "e"\n',
        ".csv": 'n,text\n1,"a, b"\n2,c\n3,"d ""e"""\n',
        ".tsv": 'n\ttext\n1\ta, b\n2\tc\n3\td "e"\n',
        ".jsonl": "".join(
            json.dumps({"n": n, "text": each}) + "\n" for n, each in enumerate(texts, 1)
        ),
    }[kind]
    expected = {
        ".txt": "A, B\n\nx y\n",
        ".csv": 'n,text,translation\n1,"a, b","A, B"\n2,c,\n3,"d ""e""","x\ny"\n',
        ".tsv": 'n\ttext\ttranslation\n1\ta, b\tA, B\n2\tc\t\n3\td "e"\tx y\n',
        ".jsonl": '{"n": 1, "text": "a, b", "translation": "A, B"}\n'
        '{"n": 2, "text": "c", "translation": null}\n'
        '{"n": 3, "text": "d \\"e\\"", "translation": "x\\ny"}\n',
    }[kind]
    opened = gzip.open if ending.endswith(".gz") else open
    with opened(tmp_path / f"in{ending}", "wt", encoding="utf-8") as file:
        file.write(content)
    rows = open_rows(tmp_path / f"in{ending}", None if kind == ".txt" else "text")
    assert list(rows.texts()) == texts
    rows.write(tmp_path / f"out{ending}.1.part", ["A, B", None, "x\ny"])
    with opened(tmp_path / f"out{ending}.1.part", "rt", encoding="utf-8", newline="") as file:
        assert file.read() == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("named", [True, False])
def test_a_csv_is_cut_as_it_was_written(delimiter, named, tmp_path):
    frame = pandas.DataFrame({"text": ["a, b", "c\nd", 'e; "f"'], "n": [1.5, 2.0, 3.5]})
    frame.to_csv(tmp_path / "in.csv", index=False, sep=delimiter, decimal=",", header=named)
    rows = open_rows(tmp_path / "in.csv", "text" if named else "0")
    assert list(rows.texts()) == list(frame["text"])
    rows.write(tmp_path / "out.csv", ["A, B", "C\nD", "E; F"])
    frame["translation"] = ["A, B", "C\nD", "E; F"]
    frame.to_csv(tmp_path / "whole.csv", index=False, sep=delimiter, decimal=",", header=named)
    assert (tmp_path / "out.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_parquet_keeps_types_and_refuses_null(tmp_path):
    table = pyarrow.table({"n": pyarrow.array([1, 2, 3], pyarrow.int8()), "text": ["a", None, "c"]})
    parquet.write_table(table, tmp_path / "in.parquet")
    rows = open_rows(tmp_path / "in.parquet", "text")
    first, second, third = rows.texts()
    assert (first, third) == ("a", "c") and isinstance(second, Refused)
    rows.write(tmp_path / "out.parquet", ["A", None, "C"])
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.drop_columns("translation").equals(table)
    assert found["translation"].to_pylist() == ["A", None, "C"]
    for column, name in (("nothing", "translation"), ("text", "n")):
        with pytest.raises(ValueError, match="Expected .*; received"):
            open_rows(tmp_path / "in.parquet", column, name)


def test_parts_stay_and_are_no_other_work_s(tmp_path):
    rows = [f"{n}" for n in range(ROWS + 5)]
    rows[3] = Refused("no text")
    work = WorkFolder(tmp_path / "work")
    assert work.begin({"input": "a"}, len(rows), rows) == 0
    assert [count for count, _ in work.sizes] == [ROWS, 5]
    work.write(1, [Answer(each.upper()) for each in work.read(1).texts])
    work = WorkFolder(tmp_path / "work")
    assert work.begin({"input": "a"}, len(rows), iter(())) == 1 and work.answered() == {1}
    work.write(0, [Answer(None, "fails")] + [Answer(each) for each in work.read(0).texts[1:]])
    found = list(work.answers())
    assert len(found) == len(rows) and found[0] == ("0", Answer(None, "fails"))
    assert found[3] == (None, Answer(None, "no text")) and found[-1] == (rows[-1], Answer(rows[-1]))
    with pytest.raises(ValueError, match="another input"):
        WorkFolder(tmp_path / "work").begin({"input": "b"}, len(rows), rows)
