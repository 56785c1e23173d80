"""The blocks of the page on watching a run, with W&B and MLflow as they are, without a server."""

import csv
import pathlib
import re

import pytest

import kerasseq as ks

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "guides" / "watching_a_run.md"
BLOCKS = re.findall(r"```py\n(import (\w+)\n.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.fixture
def recipe(tmp_path, number_text):
    found = ks.recipes.load_recipe(
        "numbers", ["training.epochs=1", "training.warmup_steps=0", "model.hidden_dim=16"]
    )
    found["data"] = {}
    for part, pairs in zip(("train", "validation"), number_text, strict=False):
        for side, lines in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
            path = tmp_path / f"{part}.{side}"
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            found["data"][f"{part}_{side}"] = str(path)
    return found


@pytest.mark.parametrize("code", [code for code, _ in BLOCKS], ids=[name for _, name in BLOCKS])
def test_a_block_logs_the_run(code, recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # a database is not in mlflow-skinny
    exec(code, {"ks": ks, "recipe": recipe})
    assert ks.Translator.load("runs/en_de/translator")
    if "wandb" in code:
        (log,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
        written = log.read_bytes()
        assert b"epoch/val_loss" in written and b"hidden_dim" in written
    else:
        (measured,) = tmp_path.glob("mlruns/*/*/metrics/val_loss")
        with open("runs/en_de/history.csv", encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        assert float(measured.read_text().split()[1]) == pytest.approx(float(row["val_loss"]))
        (width,) = tmp_path.glob("mlruns/*/*/params/model.hidden_dim")
        assert width.read_text() == "16"
        assert list(tmp_path.glob("mlruns/*/*/artifacts/translator/translator.json"))


def test_both_are_run():
    assert [name for _, name in BLOCKS] == ["wandb", "mlflow"]
