"""The examples run, on small files of the kind they are for."""

import io
import json
import pathlib
import subprocess
import sys
import zipfile

import numpy as np
import PIL.Image

import fresh_process
from kerasseq import Translator

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def run(name, *arguments, data=None):
    given = {"KERASSEQ_DATA": str(data), "KERASSEQ_CACHE": str(data)} if data else {}
    return fresh_process.run(EXAMPLES / name, arguments, **given)


def run_where_nothing_is_imported(name, *arguments):
    command = [sys.executable, EXAMPLES / name, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_every_example_is_short_and_says_how_to_call_it():
    for path in EXAMPLES.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 80, path
        assert f"python examples/{path.name}" in text, path


def test_what_is_exported_runs_without_what_made_it(tmp_path):
    translator = Translator.load(ROOT / "saved_models" / "numbers_en_de")
    for path in ("1", "int8.tflite"):
        quantize = "int8" if path.endswith("e") else None
        translator.export(tmp_path / path, ["one"], quantize=quantize)
    lines = ["fifty one", "two thousand"]
    for example, exported in (
        ("served_without_kerasseq.py", "1"),
        ("phone_without_tensorflow.py", "int8.tflite"),
    ):
        found = run_where_nothing_is_imported(example, tmp_path / exported, *lines)
        assert "fifty one  →  einundfünfzig" in found
        assert "two thousand  →  zweitausend" in found


def test_the_toy_shows_both_modes():
    found = run("toy_encoder_decoder.py")
    assert "nice to meet you → ravi de vous rencontrer" in found
    before, after = found.split("after training")
    assert "teacher forcing" in before and "free running" in before
    assert "ravi 1.00" in after and "ravi 1.00" not in before


def test_the_systems_before_the_transformer_are_compared():
    found = run("before_the_transformer.py", 400, 1).splitlines()
    names = ["Cho 2014", "Sutskever 2014", "Bahdanau 2015", "Luong 2015"]
    names += ["two of Sutskever", "Sutskever, then Luong"]
    assert [line[:24].strip() for line in found[1:-1]] == names
    assert all(line.count("%") == 3 for line in found[1:-1]) and " → " in found[-1]


def test_your_files_become_a_translator(tmp_path, number_text):
    files = [tmp_path / name for name in ("train.en", "train.de", "valid.en", "valid.de")]
    columns = [column for part in number_text[:2] for column in zip(*part, strict=True)]
    for path, lines in zip(files, columns, strict=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = run("translate_your_files.py", *files, tmp_path / "out", 6, 60)
    assert "'filled'" in found
    for made in ("attention.png", "model.tflite", "serving/1/saved_model.pb", "translator.json"):
        assert (tmp_path / "out" / made).is_file()


def test_images_get_captions(tmp_path):
    folder = tmp_path / "data" / "emoji"
    folder.mkdir(parents=True)
    rows = ["image\ten\tde\tfr"]
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for number in range(60):
            red, name = number % 2, f"{0x1F300 + number:X}.png"
            image = np.zeros((64, 64, 3), "uint8")
            image[:, :, 0 if red else 2] = 120 + 2 * number
            archive.writestr(name, encoded(image))
            rows.append(f"{name}\ta {('blue', 'red')[red]} square\tein Quadrat\tun carré")
    (folder / "captions.tsv").write_text("\n".join(rows), encoding="utf-8")
    found = run("caption_images.py", tmp_path / "out", data=tmp_path / "data")
    assert "exact 100.0%" in found and "identical to Python" in found
    for made in ("attention.png", "captioner.tflite", "serving/1/saved_model.pb"):
        assert (tmp_path / "out" / made).is_file()


def encoded(image):
    file = io.BytesIO()
    PIL.Image.fromarray(image).save(file, "png")
    return file.getvalue()


def test_a_classifier_from_lines(tmp_path):
    parts = [tmp_path / f"{part}.txt" for part in ("train", "valid", "test")]
    for seed, (path, count) in enumerate(zip(parts, (300, 40, 40), strict=True)):
        label_lines(path, count, seed)
    found = run("classify_text.py", *parts, tmp_path / "out")
    assert "test accuracy: 100.0% of 40 texts" in found
    assert (tmp_path / "out" / "classifier.tflite").is_file()


def label_lines(path, count, seed):
    numbers = np.random.default_rng(seed)
    words = ["the", "film", "was", "a", "story", "with", "it", "and"]
    lines = []
    for _ in range(count):
        label = int(numbers.integers(2))
        chosen = [*numbers.choice(words, 4), ("dull", "great")[label]]
        lines.append(f"{label} {' '.join(chosen)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lines


def test_a_classifier_from_a_pretrained_bert(bert_folder, tmp_path):
    parts = [tmp_path / f"{part}.txt" for part in ("train", "valid", "test")]
    for seed, path in enumerate(parts):
        label_lines(path, 100, seed)
    found = run("fine_tune_bert.py", bert_folder, *parts, tmp_path / "out")
    assert "test accuracy: " in found and "of the int8 file: " in found
    assert (tmp_path / "out" / "serving" / "1" / "saved_model.pb").is_file()


def test_answers_from_a_pretrained_bert(bert_folder, tmp_path):
    articles = []
    for number in range(10):
        context = f"It was cold in Oslo, where Anna saw {number} dogs."
        answers = [{"text": f"{number} dogs", "answer_start": context.index(f"{number} dogs")}]
        entry = {"question": "What did Anna see?", "answers": answers}
        paragraphs = [{"context": context, "qas": [entry] * 3}]
        articles.append({"title": str(number), "paragraphs": paragraphs})
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": articles}), encoding="utf-8")
    found = run("answer_questions.py", bert_folder, path, tmp_path / "out")
    assert "exact match" in found and "What did Anna see?" in found
    assert (tmp_path / "out" / "finder.tflite").is_file()


def test_a_bert_from_plain_text(tmp_path):
    (tmp_path / "text.txt").write_text("a film it was\n" * 40, encoding="utf-8")
    rows = [line.partition(" ") for line in label_lines(tmp_path / "all.txt", 80, 1)]
    table = "".join(f"{label},{text},again\n" for label, _, text in rows)
    (tmp_path / "all.csv").write_text(table, encoding="utf-8")
    out = tmp_path / "out"
    found = run("pretrain_bert.py", tmp_path / "text.txt", tmp_path / "all.csv", out, 20, 1, 1)
    for known in ("nothing", "text", "text and its own texts"):
        assert f"from {known}: accuracy" in found
    for name in ("general", "own"):
        assert (out / name / "mask_filler.json").is_file()
        assert "val_perplexity" in (out / f"{name}.csv").read_text()


def test_a_tagger_from_conll(tmp_path):
    sentence = "Anna\tB-person\nsaw\tO\nNew\tB-place\nYork\tI-place\n\nit\tO\nran\tO\n\n"
    (tmp_path / "all.conll").write_text(sentence * 30, encoding="utf-8")
    found = run("tag_entities.py", *[tmp_path / "all.conll"] * 3, tmp_path / "out")
    assert "test: F1 100.0%" in found
    (tmp_path / "glove.txt").write_text("anna 1 0.5\nsaw 0 1\nnever 0.25 0\n", encoding="utf-8")
    files = [*[tmp_path / "all.conll"] * 3, tmp_path / "out", tmp_path / "glove.txt"]
    found = run("tag_entities.py", *files)
    assert "vectors cover 42.9% of the vocabulary" in found  # anna, saw and never of seven
    words = (tmp_path / "out" / "tagger" / "tokenizer" / "vocabulary.txt").read_text()
    assert "never" in words.split()


def test_a_forecast_from_csv(tmp_path):
    season = 6
    time = np.arange(240)
    values = 10 + np.sin(2 * np.pi * time / season) + 0.01 * time
    text = "month,value\n" + "".join(f"{t},{value:.4f}\n" for t, value in enumerate(values))
    (tmp_path / "series.csv").write_text(text, encoding="utf-8")
    found = run("forecast_series.py", tmp_path / "series.csv", "value", season, 2 * season)
    errors = [float(line.split("error ")[1].split()[0]) for line in found.splitlines()[-3:]]
    assert errors[0] < 3 * errors[1]
    assert abs(errors[1] - 0.06) < 0.002 and abs(errors[2] - 0.12) < 0.002
