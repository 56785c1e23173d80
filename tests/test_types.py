"""What an editor that reads the hints sees: pyright's reports.

Keras and TensorFlow have no hints. So what is inferred from them is not counted: of a class, or of
an argument for a parameter, a report counts where the class is this package's, or the parameter
has a hint here.
"""

import ast
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
HINTED_ROOMS = (
    "data",
    "decoding",
    "doctor",
    "export",
    "processing",
    "recipes",
    "synthetic",
    "tasks",
    "text",
)


def pyright(*arguments):
    """Runs pyright, and returns its report: a dict.

    It is told the package's path, for it cannot follow what an editable installation leaves."""
    command = [sys.executable, "-m", "basedpyright", "--outputjson"]
    command += ["--pythonpath", sys.executable, *map(str, arguments)]
    path = os.environ | {"PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, cwd=ROOT, env=path, capture_output=True, text=True)
    return json.loads(found.stdout)


def definitions():
    """The package's classes, and its hinted parameters as pairs of function and name."""
    classes, parameters = set(), set()
    for path in (ROOT / "kerasseq").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                classes.add(node.name)
            elif isinstance(node, ast.FunctionDef):
                given = [*node.args.args, *node.args.kwonlyargs]
                parameters |= {(node.name, each.arg) for each in given if each.annotation}
    return classes, parameters


def counts(message, classes, parameters):
    """Whether a report is about this package's hints."""
    if found := re.search(r'parameter "(\w+)" of type .* in function "(\w+)"', message):
        return (found[2], found[1]) in parameters
    if found := re.search(r'(?:for class|on type|of type) "(?:type\[)?(\w+)', message):
        return found[1] in classes
    return True


@pytest.fixture(scope="module")
def reports():
    """The errors in the examples and in `types_as_seen.py`: pairs of a file's name and a text."""
    found = pyright("examples", "tests/types_as_seen.py")
    assert found["summary"]["filesAnalyzed"] > len(list((ROOT / "examples").glob("*.py")))
    return [
        (
            pathlib.Path(each["file"]).name,
            f"{each['file']}:{each['range']['start']['line'] + 1}: {each['message']}",
        )
        for each in found["generalDiagnostics"]
        if each["severity"] == "error"
    ]


def test_a_call_gives_what_an_editor_says(reports):
    assert [text for name, text in reports if name == "types_as_seen.py"] == []


def test_the_examples_use_the_package_as_its_hints_say(reports):
    classes, parameters = definitions()
    assert [
        text
        for name, text in reports
        if name != "types_as_seen.py" and counts(text, classes, parameters)
    ] == []


def is_ours(report):
    """Whether a report of pyright's on the package's own hints counts."""
    message = report["message"]
    return report["severity"] == "error" and (
        "unknown" not in message or "Type argument" in message
    )


def test_the_hinted_rooms_say_every_type():
    """Every error counts but one kind: a type is "unknown" where a class of Keras or TensorFlow,
    which have no hints, is a base, an attribute, or part of what is taken or returned. An unknown
    type argument counts: a generic class that is left open here is open by this package."""
    symbols = pyright("--verifytypes", "kerasseq", "--ignoreexternal")["typeCompleteness"][
        "symbols"
    ]
    own = [each for each in symbols if each["name"].split(".")[1] in HINTED_ROOMS]
    assert len(own) > 500
    assert [
        f"{each['name']}: {report['message']}"
        for each in own
        for report in each["diagnostics"]
        if is_ours(report)
    ] == []


def test_a_report_of_a_missing_hint_counts():
    for message, expected in {
        "Type is missing type annotation and could be inferred differently": True,
        "Ambiguous base class override": True,
        'Type annotation for parameter "texts" is missing': True,
        "Return type annotation is missing": True,
        'Type argument 1 for class "Dataset" has unknown type': True,
        'Return type is partially unknown\n  Type argument 2 for class "dict"': True,
        'Type of parameter "model" is partially unknown\n  Parameter type is "Seq2Seq"': False,
        "Type of base class unknown": False,
        'Type unknown for variable "TableGraph.table"': False,
    }.items():
        assert is_ours({"severity": "error", "message": message}) == expected, message
    assert not is_ours({"severity": "warning", "message": "No docstring found"})


def test_a_report_of_a_wrong_call_counts():
    classes, parameters = definitions()
    for message, expected in {
        'Argument of type "int" cannot be assigned to parameter "texts" of type '
        '"Iterable[str]" in function "translate"': True,
        'Argument of type "Literal[2]" cannot be assigned to parameter "verbose" of type "str" '
        'in function "fit"': False,
        'Cannot access attribute "argmax" for class "str"': False,
        'Cannot access attribute "transalte" for class "Translator"': True,
        'Cannot access attribute "transalte" for class "type[Translator]"': True,
        "Expected 1 positional argument": True,
    }.items():
        assert counts(message, classes, parameters) == expected, message
