"""The table of faults fits the code it speaks of, and a few of its faults are seen."""

import pathlib
import re
import runpy
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parent
RUN = runpy.run_path(str(FOLDER / "run.py"))
FAULTS, SOURCES = RUN["read_faults"](), RUN["read_sources"]()


@pytest.mark.parametrize("subject", sorted({fault["subject"] for fault in FAULTS}))
def test_every_fault_is_put_in_one_place_and_names_its_tests(subject):
    for fault in FAULTS:
        if fault["subject"] == subject:
            for path, *edit in RUN["places"](fault, SOURCES):
                compile(RUN["put_in"](SOURCES[path], [edit]), str(path), "exec")
            assert ("unseen" in fault) != bool(fault.get("tests")), fault["name"]
            for test in fault.get("tests", []):
                file, _, name = test.partition("::")
                text = (FOLDER.parent / file).read_text(encoding="utf-8")
                assert f"def {name.partition('[')[0]}(" in text or not name, test


def test_a_fault_that_is_nowhere_or_in_two_places_is_named():
    two = {pathlib.Path("a.py"): "x = 1\nx = 1\n", pathlib.Path("b.py"): "def f(y):\n    x = 1\n"}
    fault = {"name": "x is 2", "find": "x = 1", "put": "x = 2"}
    with pytest.raises(ValueError, match="'x is 2' in one place.*received 3: a.py, a.py, b.py"):
        RUN["places"](fault, two)
    with pytest.raises(ValueError, match="'x is 2' in one place.*received 0: none"):
        RUN["places"](fault | {"find": "x = 3"}, two)
    assert RUN["places"](fault | {"within": "def f("}, two) == [
        (pathlib.Path("b.py"), 14, "x = 1", "x = 2")
    ]


def test_names_are_told_apart_and_all_stand_in_the_table():
    names = [fault["name"] for fault in FAULTS]
    assert len(set(names)) == len(names)
    table = (FOLDER / "table.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| (?!Fault \|)(.+?) \|", table, re.MULTILINE)) == sorted(names), (
        "Expected table.md to list every fault. Run make mutants."
    )
    for file, test in re.findall(r"`([\w/]+\.py)::(\w+)[^`]*` \|$", table, re.MULTILINE):
        text = (FOLDER.parent / file).read_text(encoding="utf-8")
        assert f"def {test}(" in text, f"Expected {test} in {file}. Run make mutants."


def test_a_few_faults_are_seen():
    result = subprocess.run(
        [sys.executable, FOLDER / "run.py", "--fast"], capture_output=True, text=True
    )
    count = sum(bool(fault.get("fast")) for fault in FAULTS)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    assert f"{count} of {count} faults are seen." in result.stdout and count >= 4
