"""An export on its way to the disk: as asked, compared, told, and kept or removed."""

import pathlib
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

from kerasseq import Translator
from kerasseq.export import LiteTranslator
from kerasseq.export.lite_task import LiteTask
from kerasseq.export.saved_task import SavedTask

SAVED = pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de"


@pytest.fixture(scope="module")
def translator():
    loaded = Translator.load(SAVED)
    loaded.examples = list(loaded.examples)[:20]
    return loaded


@pytest.fixture(scope="module")
def saved(translator, tmp_path_factory):
    path = tmp_path_factory.mktemp("serving") / "1"
    translator.export(path)
    return path


def test_it_runs_through_saved_model_cli(translator, saved):
    line = translator.examples[0]
    code = """
import sys, tensorflow_text
from tensorflow.python.tools import saved_model_cli
sys.argv[0] = "saved_model_cli"
saved_model_cli.main()
"""
    signature = ["--tag_set", "serve", "--signature_def", "serving_default"]
    given = ["--input_exprs", f"text=[{line!r}]"]
    result = subprocess.run(
        [sys.executable, "-c", code, "run", "--dir", saved, *signature, *given],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert f"[{translator(line).encode()}]" in result.stdout


def test_bad_requests_get_one_sentence(translator, saved, tmp_path):
    with pytest.raises(ValueError, match=f"received {re.escape(str(saved))}"):
        translator.export(saved)
    with pytest.raises(ValueError, match=r"\.tflite.*'int8'; received .*model"):
        translator.export(tmp_path / "model", quantize="int8")
    for path in ("model", "model.tflite"):
        with pytest.raises(ValueError, match="quantize.*received 'int4'"):
            translator.export(tmp_path / path, quantize="int4")
    with pytest.raises(ValueError, match="inputs.*received none"):
        translator.export(tmp_path / "model", inputs=[])
    for ending in (".onnx", ".pb", ".keras"):
        with pytest.raises(ValueError, match=f"received model{ending}"):
            translator.export(tmp_path / f"model{ending}")
    (tmp_path / "foreign.tflite").write_bytes(b"TFL3 but nothing else")
    with pytest.raises(ValueError, match=r"received .*foreign\.tflite"):
        LiteTranslator(tmp_path / "foreign.tflite")
    with pytest.raises(FileNotFoundError):
        LiteTranslator(tmp_path / "missing.tflite")


def test_a_tflite_file_reads_as_much_of_a_source_as_was_asked(translator, tmp_path):
    lines = [*translator.examples[:3], "one hundred " * 40]
    whole = Translator(translator.model, translator.source, translator.target, "greedy", 6, 256)
    path = tmp_path / "model.tflite"
    for asked, read in (({}, 64), ({"longest_source": 81}, 81), ({"longest_source": 500}, 256)):
        with warnings.catch_warnings(record=True) as cut:
            warnings.simplefilter("always")
            assert whole.export(path, lines, **asked)["identical"] == 1.0
        lite = LiteTranslator(path)
        assert lite.metadata["max_source_length"] == read
        assert any(
            "81 tokens" in str(each.message) or "at most 64" in str(each.message) for each in cut
        ) == (read == 64)
    assert whole.processor.max_source_length == 256


def test_the_comparison_is_printed(translator, tmp_path, capsys):
    translator.export(tmp_path / "model.tflite", translator.examples[:3])
    assert "100.0% of 3 held-out inputs identical to Python" in capsys.readouterr().out


def test_an_export_that_differs_is_removed(translator, tmp_path, monkeypatch):
    path = tmp_path / "wrong.tflite"
    (tmp_path / "wrong.tflite.part").write_text("a user's own")
    monkeypatch.setattr(LiteTask, "summaries", lambda self, lines: [("wrong", 0.0) for _ in lines])
    with pytest.raises(RuntimeError, match=r"wrong\.tflite.*received 0\.0%"):
        translator.export(path)
    with pytest.raises(RuntimeError, match=r'removed\. To try: quantize="float16"'):
        translator.export(path, quantize="int8")
    assert [each.name for each in tmp_path.iterdir()] == ["wrong.tflite.part"]


@pytest.mark.parametrize(("name", "reader"), [("1", SavedTask), ("t.tflite", LiteTask)])
def test_what_was_not_compared_is_not_kept(translator, tmp_path, name, reader, monkeypatch):
    def missing(self, path, kind):
        raise ImportError("no runtime")

    monkeypatch.setattr(reader, "__init__", missing)
    with pytest.raises(ImportError):
        translator.export(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failed_export_leaves_an_earlier_file_as_it_was(translator, tmp_path, monkeypatch):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"an earlier file")
    monkeypatch.setattr(
        LiteTask,
        "summaries",
        lambda self, lines: [(found.text, np.nan) for (found,) in translator.translate(lines)],
    )
    with pytest.raises(RuntimeError, match="scores.*nan"):
        translator.export(path)
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"an earlier file"


def test_a_model_that_lost_its_numbers_is_not_exported(translator, tmp_path):
    weights = translator.model.get_weights()
    translator.model.set_weights([np.full_like(weight, np.nan) for weight in weights])
    for name in ("model.tflite", "1"):
        with pytest.raises(ValueError, match="weights.*NaN"):
            translator.export(tmp_path / name)
    translator.model.set_weights(weights)
    assert not list(tmp_path.iterdir())
