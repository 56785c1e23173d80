"""Ids that are prepared once: runs read them as they would the text, and no other text's."""

import keras
import numpy as np
import pytest

from kerasseq.cli import COMMANDS
from kerasseq.data.numbers import number_pairs
from kerasseq.recipes import load_recipe, prepare, train, write_toml
from kerasseq.recipes.corpora import build_data

RECIPE = {
    "source_tokenizer": {"kind": "word"},
    "target_tokenizer": {"kind": "word"},
    "batches": {"batch_size": 64},
    "model": {"kind": "RecurrentSeq2Seq", "embedding_dim": 4, "hidden_dim": 6},
    "training": {"epochs": 2, "seed": 3, "initialize_output_bias": True},
}


@pytest.fixture
def folder(tmp_path):
    """Two pairs of files to train on, one to validate, and a recipe that prepares ids."""
    pairs, dev, _ = number_pairs("german", 250, 50, 1)
    for name, some in (("a", pairs[:200]), ("b", pairs[200:]), ("dev", dev)):
        for side, lines in zip(("en", "de"), zip(*some, strict=True), strict=True):
            (tmp_path / f"{name}.{side}").write_text("".join(f"{line}\n" for line in lines))
    sides = (("source", "en"), ("target", "de"))
    data = {f"train_{side}": str(tmp_path / f"[ab].{end}") for side, end in sides}
    data |= {f"validation_{side}": str(tmp_path / f"dev.{end}") for side, end in sides}
    recipe = {"data": data | {"prepared": str(tmp_path / "prepared")}} | RECIPE
    (tmp_path / "recipe.toml").write_text(write_toml(recipe), encoding="utf-8")
    return tmp_path


def test_a_run_on_prepared_ids_is_the_run_on_the_text(folder, capsys):
    COMMANDS["prepare"](str(folder / "recipe.toml"))
    assert "250 pairs in" in capsys.readouterr().out
    recipe = load_recipe(folder / "recipe.toml")
    of_ids = train(recipe, folder / "ids")
    del recipe["data"]["prepared"]
    of_text = train(recipe, folder / "text")
    for one, other in zip(of_ids.model.get_weights(), of_text.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    for name in ("batches.json", "history.csv", "source/tokenizer.json"):
        assert (folder / "ids" / name).read_bytes() == (folder / "text" / name).read_bytes()


def test_changed_text_and_settings_are_refused(folder):
    recipe = load_recipe(folder / "recipe.toml")
    first = prepare(recipe)
    keras.utils.set_random_seed(7)
    assert prepare(recipe).sha256 == first.sha256 and len(first.ids) == 250
    with pytest.raises(ValueError, match=r"of \[source_tokenizer\]"):
        prepare(recipe | {"source_tokenizer": {"kind": "word", "lowercase": True}})
    lines = (folder / "b.de").read_text()
    (folder / "b.de").write_text(lines.replace("zwei", "zwo"))
    with pytest.raises(ValueError, match=r"of .*b\.de .*Remove the folder"):
        train(recipe, folder / "run")
    assert not (folder / "run").exists()
    (folder / "b.de").write_text(lines)
    (folder / "c.de").write_text(lines)  # of no pattern
    assert prepare(recipe).sha256 == first.sha256


def test_lists_and_patterns_of_files(folder):
    def data(names, weights=None):
        sides = {"source": "en", "target": "de"}
        part = {
            f"train_{side}": [str(folder / f"{name}.{end}") for name in names]
            for side, end in sides.items()
        }
        return build_data(load_recipe(folder / "recipe.toml")["data"] | part, ["train"]).train

    assert data(["a", "b"]).parts == (200, 50)
    assert data(["[ab]", "dev"]).parts == (250, 50)
    assert list(data(["[ab]"])) == list(data(["a", "b"]))
    with pytest.raises(FileNotFoundError, match="the pattern data.train_source"):
        data(["x*"])
    (folder / "c.en").write_text("one\n")
    with pytest.raises(ValueError, match="a file of data.train_target for each"):
        data(["[abc]"])
    overrides = ["batches.weights=[2, 1]", f"data.train_source=['{folder / 'a.en'}']"]
    with pytest.raises(ValueError, match="Expected a file of data.train_target"):
        build_data(load_recipe(folder / "recipe.toml", overrides)["data"])


def test_weights_are_a_recipe_s(folder):
    recipe = load_recipe(folder / "recipe.toml", ["batches.weights=[1, 3]", "training.epochs=1"])
    for side, end in (("source", "en"), ("target", "de")):
        recipe["data"][f"train_{side}"] = [str(folder / f"{name}.{end}") for name in "ab"]
    train(recipe, folder / "run")
    assert "350 pairs in" in (folder / "run" / "log.txt").read_text()
    for wrong in ("batches.weights=[0]", "batches.weights=1", "batches.temperature=0"):
        with pytest.raises(ValueError, match="Correct the value"):
            load_recipe(folder / "recipe.toml", [wrong])


def test_held_out_pairs_are_drawn_beside_prepared_ids(folder):
    sides = {"source": "en", "target": "de"}
    data = {f"train_{side}": [f"a.{end}", f"[b-c].{end}"] for side, end in sides.items()}
    data |= {"folder": str(folder), "validation_share": 0.2, "split_seed": 4}
    recipe = {"data": data} | RECIPE
    text = build_data(data)
    assert len(text.train) == sum(text.train.parts) and len(text.train.parts) == 2
    of_ids = recipe | {"data": data | {"prepared": str(folder / "prepared")}}
    assert len(prepare(of_ids).ids) == len(text.train)
    train(of_ids, folder / "ids")
    train(recipe, folder / "text")
    for name in ("batches.json", "history.csv"):
        assert (folder / "ids" / name).read_bytes() == (folder / "text" / name).read_bytes()
    # Another draw leaves other pairs to train on; a test part from a file does not.
    with pytest.raises(ValueError, match=r"of \[data\]"):
        prepare(of_ids | {"data": of_ids["data"] | {"split_seed": 5}})
    tested = {f"test_{side}": f"dev.{end}" for side, end in sides.items()}
    assert len(prepare(of_ids | {"data": of_ids["data"] | tested}).ids) == len(text.train)
    assert build_data(data, ["train"]).validation is None


def test_another_task_has_nothing_to_prepare(folder):
    with pytest.raises(ValueError, match="Expected the recipe of a translator"):
        COMMANDS["prepare"]("ag_news")
    with pytest.raises(FileNotFoundError, match="the pattern data.train_source"):
        COMMANDS["prepare"](str(folder / "recipe.toml"), [f"data.train_source={folder / 'x*'}"])
