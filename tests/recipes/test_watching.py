"""The blocks of the page on watching a run that name packages which may not be installed."""

import importlib.util
import pathlib
import re

import pytest

from kerasseq.recipes import load_recipe

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "guides" / "watching_a_run.md"
BLOCKS = re.findall(r"```py\n(import (\w+)\n.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize(("code", "package"), BLOCKS, ids=[package for _, package in BLOCKS])
def test_a_block_is_python_and_runs_where_its_package_is(code, package, tmp_path, monkeypatch):
    compile(code, str(PAGE), "exec")
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    import kerasseq as ks

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    recipe = load_recipe("numbers", ["training.epochs=1", "model.hidden_dim=16"])
    exec(code, {"ks": ks, "recipe": recipe})
    assert list(tmp_path.rglob("translator.json"))
