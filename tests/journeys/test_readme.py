"""What the README shows is run."""

import os
import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).parents[2] / "README.md"


def test_the_journey_of_the_readme_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert "einundfünfzigtausendzwei" in result.stdout
    for made in ("attention.png", "en_de/translator.json", "en_de.tflite", "serving/en_de/1"):
        assert (tmp_path / made).exists()


def test_every_command_of_the_readme_exists():
    from kerasseq.cli import COMMANDS

    text = README.read_text(encoding="utf-8")
    for command in re.findall(r"^kerasseq (\w+)", text, re.MULTILINE):
        assert command in COMMANDS
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", text, re.MULTILINE):
        assert f"\n{target}:" in makefile
