"""Former names: each gives today's object, and one warning that says how it is called now."""

import importlib
import pathlib
import re
import subprocess
import sys

import keras
import pytest

from kerasseq.decoding import Beam
from kerasseq.recipes import load_recipe, write_toml
from kerasseq.training import LinearWarmupDecay

PACKAGE = pathlib.Path(__file__).parents[1] / "kerasseq"
RENAMED = {
    "kerasseq.SpanFinder": "kerasseq.QuestionAnswerer",
    "kerasseq.data.AnsweredText": "kerasseq.data.QuestionAnswers",
    "kerasseq.decoding.Decoded": "kerasseq.decoding.Hypotheses",
    "kerasseq.export.LiteLabelling": "kerasseq.export.LiteTask",
    "kerasseq.export.LiteSpanFinder": "kerasseq.export.LiteQuestionAnswerer",
    "kerasseq.export.SavedExport": "kerasseq.export.SavedTask",
    "kerasseq.export.SavedSpanFinder": "kerasseq.export.SavedQuestionAnswerer",
    "kerasseq.models.Forecaster": "kerasseq.models.RecurrentForecaster",
    "kerasseq.recipes.compare": "kerasseq.reports.compare",
    "kerasseq.recipes.comparison_page": "kerasseq.reports.comparison_page",
    "kerasseq.recipes.names": "kerasseq.recipes.list_recipes",
    "kerasseq.recipes.report": "kerasseq.reports.report",
    "kerasseq.tasks.Answer": "kerasseq.processing.Answer",
    "kerasseq.tasks.Caption": "kerasseq.processing.Caption",
    "kerasseq.tasks.Label": "kerasseq.processing.Label",
    "kerasseq.tasks.HuggingFaceFolder": "kerasseq.pretrained.HuggingFaceFolder",
    "kerasseq.tasks.Labelling": "kerasseq.tasks.EncoderTask",
    "kerasseq.tasks.SpanFinder": "kerasseq.tasks.QuestionAnswerer",
    "kerasseq.tasks.Translation": "kerasseq.processing.Translation",
    "kerasseq.training.CorpusQuality": "kerasseq.training.TranslationMetrics",
    "kerasseq.training.FiniteLoss": "kerasseq.training.RaiseOnNonFiniteLoss",
    "kerasseq.training.LinearDecay": "kerasseq.training.LinearWarmupDecay",
    "kerasseq.training.RunLength": "kerasseq.training.CheckRunLength",
    "kerasseq.training.WeightAverage": "kerasseq.training.CheckpointAverage",
    "kerasseq.training.start_at_frequencies": "kerasseq.training.initialize_output_bias",
}


def found(path):
    room, _, name = path.rpartition(".")
    return getattr(importlib.import_module(room), name)


@pytest.mark.parametrize("former", RENAMED)
def test_a_former_name_is_the_new_object_with_one_warning(former):
    room, _, name = former.rpartition(".")
    vars(importlib.import_module(room)).pop(name, None)
    with pytest.warns(DeprecationWarning, match=re.escape(RENAMED[former])) as said:
        exec(f"from {room} import {name}")
        assert found(former) is found(RENAMED[former])
    assert len(said) == 1 and said[0].filename == "<string>"
    assert name not in importlib.import_module(room).__all__


def test_the_table_holds_every_former_name_of_a_room():
    former = set()
    for path in PACKAGE.rglob("__init__.py"):
        room = ".".join(path.parent.relative_to(PACKAGE.parent).parts)
        names = getattr(importlib.import_module(room), "FORMER_NAMES", {})
        former |= {f"{room}.{name}" for name in names}
    assert former == set(RENAMED)


def test_a_former_method_is_the_new_one():
    with pytest.warns(DeprecationWarning, match="Search.replace") as said:
        changed = Beam(4).changed(n_best=2)
    assert len(said) == 1 and said[0].filename == __file__
    assert changed.get_config() == Beam(4, n_best=2).get_config()


def test_a_warning_names_the_users_line(tmp_path):
    (tmp_path / "mine.py").write_text("import kerasseq.recipes\nkerasseq.recipes.names()\n")
    ran = subprocess.run(
        [sys.executable, "-W", "always", tmp_path / "mine.py"], capture_output=True, text=True
    )
    assert "mine.py:2: DeprecationWarning: kerasseq.recipes.names is now named" in ran.stderr


def test_a_recipe_with_a_former_key_is_read(tmp_path):
    path = tmp_path / "old.toml"
    text = (PACKAGE / "recipes" / "multi30k_cho.toml").read_text()
    path.write_text(text.replace("initialize_output_bias", "start_at_frequencies"))
    with pytest.warns(FutureWarning, match="training.initialize_output_bias"):
        old = load_recipe(path)
    assert write_toml(old) == write_toml(load_recipe("multi30k_cho"))
    with pytest.warns(FutureWarning):
        set_by_hand = load_recipe("numbers", ["training.start_at_frequencies=true"])
    assert set_by_hand["training"]["initialize_output_bias"] is True
    with pytest.raises(ValueError, match="start_at_frequencies"):
        load_recipe("multi30k_cho", ["training.start_at_frequencies=true"])


def test_a_file_that_names_a_class_as_before_is_read():
    saved = keras.saving.serialize_keras_object(LinearWarmupDecay(1e-3, 100, 10))
    assert saved["registered_name"] == "kerasseq>LinearDecay"
    again = keras.saving.deserialize_keras_object(
        saved | {"module": "kerasseq.training.linear_decay", "class_name": "LinearDecay"}
    )
    expected = {"peak": 1e-3, "steps": 100, "warmup_steps": 10, "accumulation_steps": 1}
    assert again.get_config() == expected
