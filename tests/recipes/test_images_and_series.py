"""Recipes of captioners and forecasters: trained, resumed, scored, exported, answered, served."""

import base64
import csv
import io
import json
import random

import keras
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from closeness import assert_close
from kerasseq import Captioner, Forecaster
from kerasseq.cli import COMMANDS
from kerasseq.data import CaptionedImages, TimeSeries
from kerasseq.recipes import load_recipe, train, write_toml
from kerasseq.recipes.courses import course_of
from kerasseq.recipes.evaluate_run import evaluate_run
from kerasseq.reports import examine_run, report
from kerasseq.serving import ServedModel, make_app

COLOURS = {"red": (220, 30, 30), "green": (30, 170, 50), "blue": (40, 60, 220)}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Pictures of one colour in the folder `images`, and the table `captions.tsv` beside it."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "images").mkdir()
    lines = ["image\tcaption"]
    for number in range(90):
        name = list(COLOURS)[number % 3]
        Image.new("RGB", (16, 16), COLOURS[name]).save(folder / "images" / f"{number}.png")
        lines.append(f"images/{number}.png\tall {name}")
    (folder / "captions.tsv").write_text("\n".join(lines) + "\n")
    return folder


def of_pictures(folder, **training):
    small = {
        "data.folder": str(folder), "data.train": "captions.tsv", "data.validation_share": 0.2,
        "data.test_share": 0.2, "model.image_size": [16, 16], "model.filters": [8],
        "model.embedding_dim": 8, "model.hidden_dim": 16, "model.dropout": 0.0,
        "batches.batch_size": 8, "training.epochs": 8, "training.learning_rate": 0.01,
        "training.quality_every": 4, "task.max_length": 4, "batches.augment": True,
    }  # fmt: skip
    small |= {f"training.{name}": each for name, each in training.items()}
    return load_recipe("caption", [f"{name}={json.dumps(each)}" for name, each in small.items()])


@pytest.fixture(scope="module")
def captioner(pictures):
    chosen = of_pictures(pictures)
    return train(chosen, pictures / "run"), chosen, pictures / "run"


def test_a_captioner_learns_by_its_recipe(pictures, captioner, capsys):
    task, chosen, run = captioner
    scores = dict(evaluate_run(task, chosen, run))
    assert type(task) is Captioner and scores["test"]["exact_match"] == 1.0
    rows = list(csv.DictReader((run / "history.csv").open(newline="")))
    assert float(rows[-1]["val_exact_match"]) == 1.0 and rows[0]["val_bleu"] == ""
    assert "images in" in (run / "log.txt").read_text() and examine_run(run) == []
    page = report(run, part="test").read_text(encoding="utf-8")
    assert "BLEU, test" in page and "training images" in page
    COMMANDS["evaluate"](run / "captioner", pictures / "captions.tsv", lowercase=True)
    assert "exact match 1.0000, 90 lines" in capsys.readouterr().out
    COMMANDS["plot"]("attention", run / "captioner", pictures / "map.png", task.examples[0])
    assert Image.open(pictures / "map.png").size[0] > 400


def test_its_run_is_exported_answered_and_served(pictures, captioner, tmp_path, capsys):
    _, _, run = captioner
    red = str(pictures / "images" / "0.png")
    for path in (tmp_path / "1", tmp_path / "captioner.tflite"):
        COMMANDS["export"](run / "captioner", path)
        assert "identical to Python" in capsys.readouterr().out
    for model in (run / "captioner", tmp_path / "captioner.tflite"):
        COMMANDS["predict"](model, [red])
        assert capsys.readouterr().out == "all red\n"
    content = io.BytesIO()
    Image.new("RGB", (16, 16), COLOURS["blue"]).save(content, "JPEG")
    body = {"instances": [{"b64": base64.b64encode(content.getvalue()).decode()}]}
    client = TestClient(make_app(ServedModel(tmp_path), "colours"))
    answer = client.post("/v1/models/colours:predict", json=body).json()
    assert answer["predictions"][0]["caption"] == "all blue"


class Kill(keras.callbacks.Callback):
    """Ends a run in its second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_a_killed_captioner_ends_on_the_same_bits(captioner, tmp_path):
    task, chosen, _ = captioner
    with pytest.raises(KeyboardInterrupt):
        train(chosen, tmp_path / "run", [Kill()])
    again = train(chosen, tmp_path / "run")
    assert "goes on after 1 epochs" in (tmp_path / "run" / "log.txt").read_text()
    for ours, theirs in zip(task.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def ready(chosen, folder, tmp_path):
    """The task that a recipe of another's sections would go on with from a folder."""
    kept = {name: chosen[name] for name in ("task", "data", "batches")}
    kept |= {"start": {"folder": str(folder)}, "training": {"epochs": 1}}
    (tmp_path / "again.toml").write_text(write_toml(kept))
    course = course_of(load_recipe(tmp_path / "again.toml"))
    corpus = course.data()
    start = course.load_start(str(folder), corpus)
    return course.get_ready(corpus, start.processor.tokenizers, start).task


def test_a_captioner_goes_on_from_a_saved_one(captioner, tmp_path):
    task, chosen, run = captioner
    found = ready(chosen, run / "captioner", tmp_path)
    np.testing.assert_array_equal(found.model.get_weights()[0], task.model.get_weights()[0])
    assert found.search.get_config() == task.search.get_config() and found.max_length == 4


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_captions_are_read_from_any_rows(pictures, tmp_path, ending):
    import pandas

    rows = pandas.read_csv(pictures / "captions.tsv", sep="\t")
    path = pictures / f"captions.{ending}"
    write = {"csv": rows.to_csv, "jsonl": rows.to_json, "parquet": rows.to_parquet}[ending]
    write(path, **{"jsonl": {"orient": "records", "lines": True}}.get(ending, {"index": False}))
    found = CaptionedImages.from_table(path)
    assert list(found) == list(CaptionedImages.from_tsv(pictures / "captions.tsv", pictures))


def waves(count):
    """A wave of twelve steps on a slow rise, and its phase."""
    steps = np.arange(count)
    return np.stack([50 + 20 * np.sin(steps * np.pi / 6) + 0.01 * steps, steps % 12], 1)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """`series.csv`, with the columns day, visitors and month."""
    folder = tmp_path_factory.mktemp("series")
    with (folder / "series.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["day", "visitors", "month"])
        table.writerows([f"d{i}", float(a), int(b)] for i, (a, b) in enumerate(waves(400)))
    return folder


def of_series(folder, **training):
    small = {
        "data.folder": str(folder), "data.train": "series.csv", "data.values": ["visitors"],
        "data.features": ["month"], "task.length": 24, "task.horizon": 6, "model.hidden_dim": 16,
        "model.dropout": 0.0, "training.epochs": 12, "training.learning_rate": 0.01,
    }  # fmt: skip
    small |= {f"training.{name}": each for name, each in training.items()}
    return load_recipe("forecast", [f"{name}={json.dumps(each)}" for name, each in small.items()])


@pytest.fixture(scope="module")
def forecaster(series):
    chosen = of_series(series)
    return train(chosen, series / "run"), chosen, series / "run"


def test_a_forecaster_learns_by_its_recipe(series, forecaster, capsys):
    task, chosen, run = forecaster
    scores = dict(evaluate_run(task, chosen, run))
    assert type(task) is Forecaster and task.processor.columns == ["visitors", "month"]
    test = scores["test"]
    assert test["mean_absolute_error"] < 0.2 * test["error_of_the_last_value"]
    assert test["root_mean_squared_error"] >= test["mean_absolute_error"]
    assert test["windows"] == 40 - 6 + 1
    rows = list(csv.DictReader((run / "history.csv").open(newline="")))
    best = min(float(row["val_mean_absolute_error"]) for row in rows)
    assert scores["validation"]["mean_absolute_error"] == pytest.approx(best, rel=1e-3)
    assert "windows in" in (run / "log.txt").read_text() and examine_run(run) == []
    page = report(run, part="test").read_text(encoding="utf-8")
    assert "mean absolute error, test" in page and "windows a second" in page
    COMMANDS["evaluate"](run / "forecaster", series / "series.csv")
    assert "371 windows" in capsys.readouterr().out
    COMMANDS["plot"]("history", str(run), series / "curves.svg")
    with pytest.raises(ValueError, match="a Forecaster, which reads numbers. Plot its run's hist"):
        COMMANDS["plot"]("attention", run / "forecaster", series / "map.png", "1 2")


def test_forecasts_are_in_the_series_own_units_everywhere(series, forecaster, tmp_path, capsys):
    task, _, run = forecaster
    steps = waves(400).astype("float32")
    expected = task((steps[-24:], steps[-1, :1]))
    np.testing.assert_allclose(expected[:, 0], waves(406)[400:, 0], atol=4.0)
    assert_close(Forecaster.load(run / "forecaster")((steps[-24:], steps[-1, :1])), expected)
    for path in (tmp_path / "1", tmp_path / "forecaster.tflite"):
        COMMANDS["export"](run / "forecaster", path)
    capsys.readouterr()
    for model in (run / "forecaster", tmp_path / "forecaster.tflite"):
        COMMANDS["predict"](model, file=series / "series.csv")
        said = [float(line) for line in capsys.readouterr().out.splitlines()]
        np.testing.assert_allclose(said, expected[:, 0], rtol=1e-4)
    COMMANDS["predict"](run / "forecaster", file=series / "series.csv", as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["columns"] == ["visitors"] and np.shape(said["values"]) == (6, 1)
    client = TestClient(make_app(ServedModel(tmp_path), "visitors"))
    instance = {"source": steps[-24:].tolist(), "last": steps[-1, :1].tolist()}
    body = {"instances": [instance]}
    answer = client.post("/v1/models/visitors:predict", json=body).json()
    np.testing.assert_allclose(answer["predictions"][0], expected, rtol=1e-4)


def test_what_a_forecaster_cannot_predict_is_said(series, forecaster):
    _, _, run = forecaster
    with pytest.raises(ValueError, match="Expected --file alone, a table with a row a step"):
        COMMANDS["predict"](run / "forecaster", ["1", "2"])
    short = series / "short.csv"
    short.write_text("visitors,month\n1,2\n")
    with pytest.raises(ValueError, match="Expected at least 24 rows in .*short.csv.*received 1"):
        COMMANDS["predict"](run / "forecaster", file=short)
    short.write_text("visitors,month\n1,2\nmany,3\n")
    with pytest.raises(ValueError, match="finite number in column 'visitors' of row 3.*'many'"):
        COMMANDS["predict"](run / "forecaster", file=short)


def test_a_forecaster_goes_on_from_a_saved_one(forecaster, tmp_path):
    task, chosen, run = forecaster
    found = ready(chosen, run / "forecaster", tmp_path)
    np.testing.assert_array_equal(found.model.get_weights()[0], task.model.get_weights()[0])
    assert found.processor.get_config() == task.processor.get_config()


def test_a_forecaster_fits_a_series(forecaster):
    corpus = TimeSeries(waves(200), 24, 6)
    task = Forecaster.load(forecaster[2] / "forecaster")
    history = task.fit(corpus, epochs=1, validation=0.2, verbose=0)
    assert {"loss", "val_loss"} == set(history.history)
    with pytest.raises(ValueError, match=r"length, horizon, values and features \[24, 6, 1, 2\]"):
        task.fit(TimeSeries(waves(200), 12, 6))
    with pytest.raises(ValueError, match=r"Expected a kerasseq\.data\.TimeSeries"):
        task.fit(waves(200))


def test_windows_do_not_see_what_is_held_out():
    corpus = TimeSeries(np.arange(100)[:, None], 8, 4)
    train, held_out = corpus.split(0.25)
    assert max(future.max() for _, future in train) == 74
    (past, last), future = next(iter(held_out))
    assert past[:, 0].tolist() == [*range(67, 75)] and last == [74] and future[0] == 75
    assert len(train) + len(held_out) == len(corpus) - 3
    drawn = random.Random(1).random()
    with pytest.raises(ValueError, match="at least one window of 8 steps and the 4 after them"):
        corpus.split(0.03 + drawn / 1e6)
    with pytest.raises(ValueError, match="received NaN or infinity in step 3"):
        TimeSeries([[0.0]] * 3 + [[np.nan]], 1, 1)


@pytest.mark.parametrize(
    ("name", "overrides", "message"),
    [
        ("forecast", [], "name the files of the train part"),
        ("forecast", ["data.values=[1.5]"], "data.values to be a list of names"),
        ("forecast", ['data.values=["a"]', "data.split_seed=1"], "received split_seed"),
        ("caption", ["data.split_seed=1"], "received split_seed"),
        ("caption", ["search.beam=3"], "Did you mean beam_size"),
        ("emoji", ["data.name=multi30k"], "captioned images, \"emoji\"; received 'multi30k'"),
        ("emoji", ["data.train=a.tsv"], r"options of its kind in \[data\].*unexpected"),
        ("caption", ["data.train=a.tsv", 'data.columns=["a"]'], "to name two columns"),
    ],
)
def test_what_cannot_be_trained_is_said(name, overrides, message):
    with pytest.raises(ValueError, match=message):
        course_of(load_recipe(name, overrides)).data()


def test_a_forecaster_needs_its_columns_and_lengths(tmp_path):
    for section, key in (("data", "values"), ("task", "horizon")):
        chosen = load_recipe("forecast")
        del chosen[section][key]
        (tmp_path / "forecast.toml").write_text(write_toml(chosen))
        with pytest.raises(ValueError, match=rf"Expected {key} in \[{section}\]"):
            load_recipe(tmp_path / "forecast.toml")


def test_shipped_recipes_find_their_pictures(data_folder, monkeypatch, tmp_path):
    if data_folder is None:
        pytest.skip("no data folder")
    monkeypatch.setenv("KERASSEQ_DATA", str(data_folder))
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path))
    parts = course_of(load_recipe("emoji")).data()
    assert len(parts.train) > 3000 and len(parts.test) > 100
