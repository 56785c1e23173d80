"""The versions and licences on record are those of what setup.cfg asks for."""

import pathlib
import runpy

import pytest
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def asked_for():
    found = runpy.run_path(str(ROOT / ".ci" / "installed.py"))["asked_for"]()
    return [each for name in ("", "test") for each in found[name] if each.name != "kerasseq"]


def test_the_constraints_are_what_setup_cfg_asks_for(asked_for):
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    for each in asked_for:
        version = pinned[canonicalize_name(each.name)]
        assert each.specifier.contains(version), f"{each}: {version}. Run .ci/constraints.py."


def test_every_dependency_and_model_has_its_licence(asked_for):
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    listed = {
        canonicalize_name(row.split(" | ")[0][2:]) for row in text.splitlines() if "| " in row
    }
    assert {canonicalize_name(each.name) for each in asked_for} <= listed
    models = {f"`{each.parent.name}`" for each in (ROOT / "saved_models").glob("*/CARD.md")}
    assert models and all(f"| {each} | " in text for each in models)


def test_what_is_not_installed_is_named():
    found = runpy.run_path(str(ROOT / ".ci" / "installed.py"))
    wanted = found["Requirement"]("no-such-package-here")
    with pytest.raises(ValueError, match="Expected no-such-package-here to be installed"):
        found["with_all_they_ask_for"]([wanted])
    assert "packaging" in found["with_all_they_ask_for"]([found["Requirement"]("pytest")])
