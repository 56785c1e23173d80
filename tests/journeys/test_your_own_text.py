"""The guide from the user's own text to a phone: each command that it shows is run."""

import json
import shlex
import sys

import pytest
from PIL import Image

from kerasseq import cli
from kerasseq.data.numbers import number_pairs

# What the page leaves to its reader, and a test has no time for.
SHORTER = {
    "train en_de/en_de.toml": ["training.epochs=15", "training.quality_every=0",
                               "model.num_layers=1", "model.hidden_dim=64"],
    "train tuned/tuned.toml": ["training.epochs=1"],
    "train fine_tune_answers": ["training.epochs=1"],
    "train caption": ["training.epochs=1"],
    "train forecast": ["training.epochs=1", "model.hidden_dim=8"],
}  # fmt: skip


@pytest.fixture
def files(tmp_path, bert_folder):
    """What the page's reader has."""
    pairs = number_pairs(train=600, validation=1, test=1)[0]
    (tmp_path / "pairs.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    rows = [f'"a {"warm" if i % 2 else "dull"} film; {i}",{1 + i % 2 * 4}\n' for i in range(200)]
    (tmp_path / "reviews.csv").write_text("review,stars\n" + "".join(rows))
    (tmp_path / "bert-folder").symlink_to(bert_folder)
    paragraphs = []
    for i in range(40):
        name = f"the {['red', 'blue', 'green'][i % 3]} dog"
        answers = [{"text": name, "answer_start": 0}]
        asked = [{"question": "who slept", "answers": answers}]
        paragraphs.append({"context": f"{name} slept {i} days", "qas": asked})
    (tmp_path / "squad.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    captions = ["image\tcaption"]
    for i in range(20):
        image, colour = f"{i}.png", ["red", "blue"][i % 2]
        Image.new("RGB", (16, 16), colour).save(tmp_path / image)
        captions.append(f"{image}\tall {colour}")
    (tmp_path / "captions.tsv").write_text("\n".join(captions) + "\n")
    Image.new("RGB", (20, 16), "red").save(tmp_path / "dog.jpg")
    visits = [f"{i},{100 + 10 * (i % 12)}" for i in range(800)]
    (tmp_path / "visits.csv").write_text("\n".join(["day,visitors", *visits]) + "\n")
    return tmp_path


def test_the_commands_of_the_page_work(files, page, monkeypatch, capsys):
    guide = page("docs/guides/your_own_text.md")
    monkeypatch.chdir(files)
    said = {}
    for line in "".join(guide.blocks("sh")).splitlines():
        arguments = shlex.split(line)[1:]
        for beginning, overrides in SHORTER.items():
            if " ".join(arguments).startswith(beginning):
                arguments += [each for override in overrides for each in ("--set", override)]
        monkeypatch.setattr(sys, "argv", ["kerasseq", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        assert not ended.value.code, (line, printed.err)
        said[line] = printed.out
    (shown,) = guide.blocks("text")
    assert said["kerasseq new en_de pairs.tsv"] == shown
    text = '"fifty one thousand two"'
    assert said[f"kerasseq predict en_de.tflite {text}"].strip()
    assert said['kerasseq predict runs/reviews "a warm and funny film"'] == "5\n"
    assert said['kerasseq predict reviews.tflite "a warm and funny film"'] == "5\n"
    assert said["kerasseq predict runs/visits --file visits.csv"].count("\n") >= 12
    for made in ("curves.png", "runs/en_de/report.html", "en_de.tflite", "reviews.tflite"):
        assert (files / made).is_file()
