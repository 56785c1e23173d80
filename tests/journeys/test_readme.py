"""What the README shows is run."""

import os
import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).parents[2] / "README.md"


def run(code, folder):
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def blocks():
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_journey_of_the_readme_runs(tmp_path):
    assert "einundfünfzigtausendzwei" in run(blocks()[0], tmp_path)
    for made in ("attention.png", "en_de/translator.json", "en_de.tflite", "serving/en_de/1"):
        assert (tmp_path / made).exists()


def test_a_bert_of_the_readme_becomes_a_file(tmp_path, bert_folder):
    (tmp_path / "bert-folder").symlink_to(bert_folder)
    lines = [
        f"{label} it was {label} {number}" for number in range(60) for label in ("good", "bad")
    ]
    (tmp_path / "train.txt").write_text("\n".join(lines), encoding="utf-8")
    (_, code) = blocks()
    assert "held-out inputs" in run("import keras\nimport kerasseq as ks\n" + code, tmp_path)
    assert (tmp_path / "reviews.tflite").is_file()


def test_every_command_of_the_readme_exists():
    from kerasseq.cli import COMMANDS

    text = README.read_text(encoding="utf-8")
    for command in re.findall(r"^kerasseq (\w+)", text, re.MULTILINE):
        assert command in COMMANDS
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", text, re.MULTILINE):
        assert f"\n{target}:" in makefile
