"""The examples run, on small files of the kind they are for."""

import os
import pathlib
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]


def run(name, *arguments):
    result = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_every_example_is_short_and_says_how_to_call_it():
    for path in (ROOT / "examples").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 80, path
        assert f"python examples/{path.name}" in text, path


def test_the_toy_shows_both_modes():
    found = run("toy_encoder_decoder.py")
    assert "nice to meet you → ravi de vous rencontrer" in found
    before, after = found.split("after training")
    assert "teacher forcing" in before and "free running" in before
    assert "ravi 1.00" in after and "ravi 1.00" not in before


def test_a_classifier_from_lines(tmp_path):
    numbers = np.random.default_rng(0)
    words = ["the", "film", "was", "a", "story", "with", "it", "and"]
    for part, count in (("train", 300), ("valid", 40), ("test", 40)):
        lines = []
        for _ in range(count):
            label = int(numbers.integers(2))
            chosen = [*numbers.choice(words, 4), ("dull", "great")[label]]
            lines.append(f"{label} {' '.join(chosen)}\n")
        (tmp_path / f"{part}.txt").write_text("".join(lines), encoding="utf-8")
    parts = [tmp_path / f"{part}.txt" for part in ("train", "valid", "test")]
    found = run("classify_text.py", *parts, tmp_path / "out")
    assert "test accuracy: 100.0% of 40 texts" in found
    assert (tmp_path / "out" / "classifier.tflite").is_file()


def test_a_tagger_from_conll(tmp_path):
    sentence = "Anna\tB-person\nsaw\tO\nNew\tB-place\nYork\tI-place\n\nit\tO\nran\tO\n\n"
    (tmp_path / "all.conll").write_text(sentence * 30, encoding="utf-8")
    found = run("tag_entities.py", *[tmp_path / "all.conll"] * 3, tmp_path / "out")
    assert "test: F1 100.0%" in found


def test_a_forecast_from_csv(tmp_path):
    season = 6
    time = np.arange(240)
    values = 10 + np.sin(2 * np.pi * time / season) + 0.01 * time
    text = "month,value\n" + "".join(f"{t},{value:.4f}\n" for t, value in enumerate(values))
    (tmp_path / "series.csv").write_text(text, encoding="utf-8")
    ours, naive = run("forecast_series.py", tmp_path / "series.csv", "value", season).splitlines()
    errors = [float(line.split("error ")[1].split()[0]) for line in (ours, naive)]
    assert errors[0] < 3 * errors[1] and abs(errors[1] - 0.06) < 0.002
