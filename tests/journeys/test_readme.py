"""What the README shows is run."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def readme(page):
    return page("README.md")


def test_the_journey_of_the_readme_runs(readme, tmp_path):
    journey = readme.blocks("python")[0]
    assert "einundfünfzigtausendzwei" in readme.run(journey, tmp_path)
    for made in ("attention.png", "en_de/translator.json", "en_de.tflite", "serving/en_de/1"):
        assert (tmp_path / made).exists()


def test_a_bert_of_the_readme_becomes_a_file(readme, tmp_path, bert_folder):
    (tmp_path / "bert-folder").symlink_to(bert_folder)
    lines = [
        f"{label} it was {label} {number}" for number in range(60) for label in ("good", "bad")
    ]
    (tmp_path / "train.txt").write_text("\n".join(lines), encoding="utf-8")
    (_, code) = readme.blocks("python")
    code = "import keras\nimport kerasseq as ks\n" + code
    assert "held-out inputs" in readme.run(code, tmp_path)
    assert (tmp_path / "reviews.tflite").is_file()


def test_every_room_of_the_readme_is_there(readme):
    import kerasseq

    table = readme.text.split("## What is inside")[1].split("\n\n")[1]
    rooms = re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in table.splitlines()))
    assert {"MaskFiller", "serving", "text"} <= set(rooms)
    for room in rooms:
        assert hasattr(kerasseq, room), room


def test_every_command_of_the_readme_exists(readme):
    from kerasseq.cli import COMMANDS

    for command in re.findall(r"^kerasseq (\w+)", readme.text, re.MULTILINE):
        assert command in COMMANDS
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", readme.text, re.MULTILINE):
        assert f"\n{target}:" in makefile
