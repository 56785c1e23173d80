"""Puts one fault at a time into a copy of the package, and asks that a named test fails.

    python tests/mutants/run.py                  every fault
    python tests/mutants/run.py --fast           those marked `fast`
    python tests/mutants/run.py "tied"           those whose name or subject holds the words

What was seen goes into `table.md`; the rows of faults that were left out stay as they are.

The faults stand in the TOML files beside this one, each with

- `name`, what is wrong;
- `find` and `put`, the code as it stands in one place of `kerasseq/` and with the fault; two lists
  for several places;
- `within`, where the code stands more often: how the one class or function begins that is meant;
- `tests`, relative to `tests/`, one of which must fail;
- `unseen`, instead of tests: why nobody can see it from outside.

The working tree is only read. Heavy libraries are imported once; every fault gets a process that is
forked from there before the package itself is imported.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
import tomllib

FOLDER = pathlib.Path(__file__).parent
ROOT = FOLDER.parents[1]
LIMIT = 900  # seconds
HEAVY = ("tensorflow", "tensorflow_text", "keras", "torch", "sacrebleu", "matplotlib", "pytest")


def read_faults():
    """Every fault of the table: a list of dict, each with the `subject` its file names."""
    faults = []
    for path in sorted(FOLDER.glob("*.toml")):
        for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]:
            faults.append(fault | {"subject": path.stem})
    return faults


def places(fault, sources):
    """The edits of a fault: a list of `(path, offset, code as it stands, with the fault)`.

    Args:
        fault: dict.
        sources: dict from paths to the text of the package's files.

    Raises:
        ValueError: for code that is found nowhere or more than once, by the fault's name.
    """
    finds, puts = (
        [fault[key]] if isinstance(fault[key], str) else fault[key] for key in ("find", "put")
    )
    edits = []
    for find, put in zip(finds, puts, strict=True):
        found = [
            (path, start + match.start())
            for path, text in sources.items()
            for start, block in blocks(text, fault.get("within"))
            for match in re.finditer(re.escape(find), block)
        ]
        if len(found) != 1 or find == put:
            where = ", ".join(str(path) for path, _ in found) or "none"
            raise ValueError(
                f"Expected the code of the fault {fault['name']!r} in one place of kerasseq/; "
                f"received {len(found)}: {where}. Follow the code where it went:\n{find}"
            )
        path, start = found[0]
        edits.append((path, start, find, put))
    return edits


def blocks(text, begin):
    """Where to look in a file: all of it, or the classes and functions that `begin` so.

    Returns:
        list of pairs of the offset and the text.
    """
    if begin is None:
        return [(0, text)]
    starts = [match.start() for match in re.finditer(r"^(?:class|def) ", text, re.MULTILINE)]
    ends = [*starts[1:], len(text)]
    return [
        (a, text[a:b]) for a, b in zip(starts, ends, strict=False) if text[a:].startswith(begin)
    ]


def put_in(text, edits):
    """A file's text with its edits, each `(offset, find, put)`."""
    for start, find, put in sorted(edits, reverse=True):
        text = text[:start] + put + text[start + len(find) :]
    return text


def read_sources(root=ROOT):
    """The package's Python files: a dict from paths below `root` to their text."""
    files = sorted((root / "kerasseq").rglob("*.py"))
    return {path.relative_to(root): path.read_text(encoding="utf-8") for path in files}


class Failed:
    """A pytest plugin that keeps the names of the tests that failed, and of errors in setup."""

    def __init__(self):
        self.tests, self.broken = [], []

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.tests.append(report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext[-500:]}")


def run_tests(copy, tests, first_only):
    """Runs tests on a copy of the package, in a process of its own: what `Failed` kept, a dict."""
    answer = copy / "answer.json"
    child = os.fork()
    if not child:
        os.setsid()
        _run_in_child(copy, tests, first_only, answer)
    deadline = time.monotonic() + LIMIT
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return {"tests": [], "broken": [f"the tests ran for more than {LIMIT} s"]}
        time.sleep(0.05)
    if not answer.is_file():
        return {"tests": [], "broken": ["the process ended without a word"]}
    return json.loads(answer.read_text())


def _run_in_child(copy, tests, first_only, answer):
    import pytest

    os.chdir(copy)
    sys.path.insert(0, str(copy))
    os.environ["PYTHONPATH"] = str(copy)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    failed = Failed()
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "-p", "no:cacheprovider"]
    nodes = [ROOT / "tests" / test for test in tests]
    code = pytest.main([*map(str, options), *["-x"] * first_only, *map(str, nodes)], [failed])
    import kerasseq

    if code not in (0, 1) or not kerasseq.__file__.startswith(str(copy)):
        failed.broken.append(f"pytest ended with {code}, with {kerasseq.__file__}")
    answer.write_text(json.dumps(vars(failed)))
    os._exit(0)


def look(fault, sources, copy):
    """Puts a fault into the copy, runs its tests and takes it out: the first test that fails.

    Raises:
        ValueError: when none fails, or the faulty package cannot be read.
    """
    edits = places(fault, sources)
    faulty = {
        path: put_in(sources[path], [edit for other, *edit in edits if other == path])
        for path, *_ in edits
    }
    try:
        for path, text in faulty.items():
            compile(text, str(path), "exec")
            (copy / path).write_text(text, encoding="utf-8")
        found = run_tests(copy, fault["tests"], True)
    finally:
        (copy / "answer.json").unlink(missing_ok=True)
        for path in faulty:
            (copy / path).write_text(sources[path], encoding="utf-8")
    if found["broken"] or not found["tests"]:
        raise ValueError(
            f"Expected a test to fail with the fault {fault['name']!r}; received "
            f"{'; '.join(found['broken']) or 'none of ' + ', '.join(fault['tests'])}. Write one."
        )
    return found["tests"][0]


def write_table(faults, seen):
    """Writes `table.md`: each fault, and the test that failed when it was last looked at."""
    path = FOLDER / "table.md"
    earlier = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    lines = [
        "# Faults, and the tests that see them",
        "",
        "Written by `make mutants`: each fault was put into a copy of the package, one at a time,",
        "and the test named beside it failed.",
    ]
    for subject in sorted({fault["subject"] for fault in faults}):
        lines += ["", f"## {subject.replace('_', ' ').capitalize()}", "", "| Fault | Seen by |"]
        lines.append("|---|---|")
        for fault in faults:
            if fault["subject"] == subject:
                begun = f"| {fault['name']} |"
                if fault["name"] in seen:
                    test = seen[fault["name"]].removeprefix("tests/")
                    lines.append(f"{begun} `{test}` |")
                elif "unseen" in fault:
                    lines.append(f"{begun} nobody: {fault['unseen']} |")
                else:
                    rows = [row for row in earlier if row.startswith(begun)]
                    lines += rows or [f"{begun} not looked at yet |"]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def import_heavy():
    """Imports what takes long, without its words on standard error."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.dont_write_bytecode = True
    kept, silent = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    for name in HEAVY:
        __import__(name)
    os.dup2(kept, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument(
        "words", nargs="?", default="", help="faults whose name or subject holds these words"
    )
    parser.add_argument("--fast", action="store_true", help="faults marked fast")
    options = parser.parse_args()
    every, sources = read_faults(), read_sources()
    for fault in every:
        places(fault, sources)
    chosen = [
        fault
        for fault in every
        if options.words in f"{fault['subject']}: {fault['name']}"
        and (fault.get("fast") or not options.fast)
        and "unseen" not in fault
    ]
    import_heavy()
    seen, lost = {}, []
    with tempfile.TemporaryDirectory() as copy:
        copy = pathlib.Path(copy)
        shutil.copytree(
            ROOT / "kerasseq", copy / "kerasseq", ignore=shutil.ignore_patterns("__pycache__")
        )
        if not options.fast:  # they pass without a fault
            tests = list(dict.fromkeys(test for fault in chosen for test in fault["tests"]))
            found = run_tests(copy, tests, False)
            (copy / "answer.json").unlink(missing_ok=True)
            if found["tests"] or found["broken"]:
                sys.exit(f"Without a fault: {found['tests']} {found['broken']}")
        for fault in chosen:
            began = time.monotonic()
            try:
                seen[fault["name"]] = look(fault, sources, copy)
                told = seen[fault["name"]]
                if not options.fast:
                    write_table(every, seen)
            except ValueError as error:
                lost.append(fault["name"])
                told = f"NOT SEEN: {error}"
            print(f"{fault['name']}: {told} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{len(seen)} of {len(chosen)} faults are seen.")
    if lost:
        sys.exit("\n".join(["Not seen:", *lost]))


if __name__ == "__main__":
    main()
