"""A file that no runtime can run is refused in one sentence, by the runtime that is given it."""

import json
import pathlib
import re
import zipfile

import pytest
import tensorflow as tf

from kerasseq import Translator
from kerasseq.export import LiteTranslator, SavedClassifier, SavedTranslator

SAVED = pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de"


def damaged(path, name, program=None, **metadata):
    """A copy of a `.tflite` file with another program, or other metadata; None leaves one out."""
    content, copy = path.read_bytes(), path.with_name(name)
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    found = json.loads(parts["metadata.json"]) | metadata
    kept = {key: value for key, value in found.items() if value is not None}
    copy.write_bytes(content[: content.index(b"PK\3\4")] if program is None else program)
    with zipfile.ZipFile(copy, "a") as archive:
        for part, held in (parts | {"metadata.json": json.dumps(kept)}).items():
            archive.writestr(part, held)
    return copy


def test_a_runtime_refuses_what_is_not_its_task_s(tmp_path):
    translator = Translator.load(SAVED)
    lines = translator.examples[:3]
    path = tmp_path / "model.tflite"
    translator.export(path, lines)
    assert LiteTranslator(damaged(path, "same.tflite"))(lines) == translator(lines)
    (tmp_path / "text.tflite").write_text("no program")
    (tmp_path / "empty.tflite").touch()
    for wrong, said in (
        (tmp_path / "text.tflite", "without its metadata"),
        (tmp_path / "empty.tflite", "without its metadata"),
        (damaged(path, "program.tflite", b"TFL3"), "damaged program"),
        (damaged(path, "version.tflite", kerasseq=2), "version 1"),
        (damaged(path, "task.tflite", task="classifier"), "of a classifier"),
        (damaged(path, "less.tflite", max_length=None), "which .*max_length"),
        (damaged(path, "kind.tflite", max_length="ten"), "which describes none .*ten"),
    ):
        with pytest.raises(
            ValueError, match=f"Expected .*{wrong.name}.*{said}.*Export|{said}.*Open"
        ):
            LiteTranslator(wrong)
    for number in (0, -1):
        with pytest.raises(ValueError, match=f"num_threads of at least 1; received {number}"):
            LiteTranslator(path, number)
    with pytest.raises(FileNotFoundError, match="received a folder"):
        LiteTranslator(tmp_path)
    translator.export(tmp_path / "1", lines)
    refused = pytest.raises(ValueError, match=r"outside of the scope of a tf\.distribute strategy")
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope(), refused:
        SavedTranslator(tmp_path / "1")
    with pytest.raises(ValueError, match="of a classifier, which answers 'label'; .*translation"):
        SavedClassifier(tmp_path / "1")
    for wrong in (tmp_path, path, tmp_path / "2"):
        with pytest.raises(FileNotFoundError, match=f"SavedModel in {re.escape(str(wrong))}"):
            SavedTranslator(wrong)
