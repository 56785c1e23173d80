"""The floors of the house, read from the imports."""

import ast
import pathlib
import subprocess
import sys

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "kerasseq"
# A room imports from itself and from lower floors.
FLOORS = [
    {"__main__"},
    {"cli"},
    {"reports", "synthetic"},
    {"recipes", "serving", "bulk"},
    {"tasks"},
    {"export", "pretrained"},
    {"models", "decoding", "data", "training", "metrics", "plots"},
    {"layers", "processing", "doctor"},
    {"text"},
    {
        "tensors",
        "compiled",
        "replicas",
        "fused",
        "processes",
        "positions",
        "stages",
        "folder_lock",
        "manifest",
        "saved_models",
        "renamed",
        "safetensors_file",
        "hdf5_file",
    },
    {"untrusted"},
    {"extras", "files", "lazily", "machine", "meant", "notebook", "parent", "quiet"},
]
TENSORFLOW_ROOMS = {
    "text", "processing", "data", "export", "serving", "compiled", "replicas", "positions",
    "lazily", "processes", "fused",
}  # fmt: skip
LAZY = {"keras": "keras", "ops": "keras.ops", "tf": "tensorflow"}  # names of kerasseq.lazily
# Training measures real translations with the metrics, both on one floor.
NEIGHBOURS = {("training", "metrics")}

FILES = sorted(PACKAGE.rglob("*.py"))


def room(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def floor(name):
    return next(level for level, rooms in enumerate(FLOORS) if name in rooms)


def imported(path):
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module == "kerasseq":
                yield from (f"kerasseq.{alias.name}" for alias in node.names)
            else:
                yield node.module
            if node.module == "kerasseq.lazily":
                yield from (LAZY[alias.name] for alias in node.names)


def may_import(here, module):
    """Whether a room may import a module of the package."""
    there = module.split(".")[1]
    if there == "Translator":
        there = "tasks"
    return there == here or (here, there) in NEIGHBOURS or floor(there) > floor(here)


def test_imports_go_down_only():
    offenders = [
        f"{path.relative_to(PACKAGE)} imports {module}"
        for path in FILES
        if room(path) != "__init__"
        for module in imported(path)
        if module.startswith("kerasseq.") and not may_import(room(path), module)
    ]
    assert offenders == []


def test_tensorflow_stays_in_its_rooms():
    offenders = [
        f"{path.relative_to(PACKAGE)} imports {module}"
        for path in FILES
        if room(path) not in TENSORFLOW_ROOMS
        for module in imported(path)
        if module.split(".")[0] in {"tensorflow", "tensorflow_text", "jax", "torch"}
    ]
    assert offenders == []


@pytest.mark.parametrize(
    "code",
    [
        "import kerasseq",
        "import kerasseq.cli",
        "from kerasseq.export import LiteTranslator",
        "from kerasseq import Captioner, Forecaster, Translator",
        "from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TextEncoder",
        "from kerasseq.data import LabelledText, ParallelText, TaggedText",
        "from kerasseq.decoding import Beam; Beam(4)",
    ],
)
def test_light_imports_load_neither_tensorflow_nor_keras(code):
    code += "; import sys; sys.exit(bool({'tensorflow', 'keras', 'jax'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_file_says_what_it_is_about_and_stays_short():
    texts = {path.relative_to(PACKAGE): path.read_text(encoding="utf-8") for path in FILES}
    assert [path for path, text in texts.items() if not ast.get_docstring(ast.parse(text))] == []
    assert [path for path, text in texts.items() if len(text.splitlines()) > 300] == []


def test_a_stub_names_what_its_files_define():
    for stub in sorted(PACKAGE.rglob("*.pyi")):
        tree = ast.parse(stub.read_text(encoding="utf-8"))
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        listed = [alias.name for node in imports for alias in node.names]
        declared = next(node.value for node in tree.body if isinstance(node, ast.Assign))
        assert sorted(listed) == sorted(ast.literal_eval(declared)), stub
        for node in imports:
            if node.module is None:
                rooms = [stub.parent / alias.name for alias in node.names]
                assert all(path.is_dir() or path.with_suffix(".py").is_file() for path in rooms)
            else:
                path = stub.parent / node.module
                path = path / "__init__.pyi" if path.is_dir() else path.with_suffix(".py")
                defined = {
                    getattr(each, "name", None)
                    for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                }
                assert {alias.name for alias in node.names} <= defined, (stub, node.module)
