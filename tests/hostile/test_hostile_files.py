"""Files made to hurt: each is refused in one sentence, soon, in little memory, and runs nothing.

The files are those that real tools write (`small_files.py`), changed in one place. More of them are
made at random by `benchmarks/fuzz_files.py`.
"""

import io
import json
import os
import pathlib
import resource
import shutil
import struct
import sys
import time
import zipfile

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_files import LOADERS

from kerasseq import untrusted
from kerasseq.hdf5_file import count_numbers
from kerasseq.models.bounded import check_description, within
from kerasseq.safetensors_file import read_shapes, read_tensors

SECONDS, MEMORY = 30, 400 * 2**10  # KB


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A function from a loader's name to the folder that it wrote and the function that reads."""
    made = {}

    def make(name):
        if name not in made:
            folder = tmp_path_factory.mktemp("real") / name
            made[name] = folder, LOADERS[name](folder)
            made[name][1](folder)  # whole, it is read
        return made[name]

    return make


def edit(name, *place, to):
    """Changes a value of a JSON file; a callable `to` is given the old one."""

    def change(folder):
        found = inside = json.loads((folder / name).read_text())
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = to(inside[place[-1]]) if callable(to) else to
        (folder / name).write_text(json.dumps(found))

    return change


def write(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def link(name, to):
    def change(folder):
        (folder / name).unlink()
        (folder / name).symlink_to(to)

    return change


def larger(name, size=2**40):
    return lambda folder: os.truncate(folder / name, size)  # a hole, which takes no room


def deep(name):
    return write(name, b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def archive(**members):
    """Puts an archive with further or other members behind the program of a `.tflite` file; an
    int is so many MiB of zeros."""

    def change(folder):
        path = folder / "model.tflite"
        content = path.read_bytes()
        with zipfile.ZipFile(path) as found:
            parts = {name: found.read(name) for name in found.namelist()}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
            for name, held in (parts | members).items():
                if isinstance(held, int):
                    with new.open(name, "w") as part:
                        for _ in range(held):
                            part.write(bytes(2**20))
                else:
                    new.writestr(name, held)
        path.write_bytes(content[: content.index(b"PK\3\4")] + packed.getvalue())

    return change


def metadata(**fields):
    """The same with other metadata."""

    def change(folder):
        with zipfile.ZipFile(folder / "model.tflite") as found:
            former = json.loads(found.read("metadata.json"))
        archive(**{"metadata.json": json.dumps(former | fields)})(folder)

    return change


def header(changed):
    """Gives a safetensors file another length of its header."""

    def change(folder):
        path = folder / "model.safetensors"
        path.write_bytes(struct.pack("<Q", changed) + path.read_bytes()[8:])

    return change


def external_link(folder):
    path = folder / "model.weights.h5"
    with h5py.File(path, "a") as file:
        names = []
        file.visititems(lambda name, found: names.append(name) if name.endswith("/0") else None)
        with h5py.File(folder / "elsewhere.h5", "w") as other:
            other["secret"] = np.array(file[names[0]])
        del file[names[0]]
        file[names[0]] = h5py.ExternalLink(str(folder / "elsewhere.h5"), "/secret")


OWN, WORDS, BERT, HUB = "translator", "word_tokenizer", "hugging_face_bert", "hub_bert"
CONFIG = ("model", "config")
IMPORTED = {"module": "antigravity", "class_name": "a", "config": {}, "registered_name": "a"}

# The loader, what is done to its files, and what is said.
HOSTILE = {
    "layers": (OWN, edit("translator.json", *CONFIG, "num_layers", to=10**6), "num_layers"),
    "fewer layers": (OWN, edit("translator.json", *CONFIG, "num_layers", to=9000), "layers"),
    "width": (OWN, edit("translator.json", *CONFIG, "hidden_dim", to=2**40), "1099511627776 num"),
    "less wide": (OWN, edit("translator.json", *CONFIG, "hidden_dim", to=2**15), "fit the"),
    "positions": (OWN, edit("translator.json", *CONFIG, "max_length", to=10**9), "max_len"),
    "vocabulary": (
        OWN, edit("translator.json", *CONFIG, "source_vocabulary_size", to=10**5), "fit the",
    ),
    "an import": (
        OWN, edit("translator.json", *CONFIG, "embedding_initializer", to=IMPORTED),
        "plain values",
    ),
    "a class": (OWN, edit("translator.json", "model", "class_name", to="os.system"), "model of"),
    "no class": (OWN, edit("translator.json", "model", "class_name", to=[1]), "model of"),
    "an argument": (OWN, edit("translator.json", *CONFIG, "num_heads", to="a"), "translator"),
    "a list": (OWN, edit("translator.json", "model", to=[]), "a model of"),
    "a search": (OWN, edit("translator.json", "search", to={"config": 5}), "search"),
    "deep": (OWN, deep("translator.json"), "JSON object"),
    "an integer": (OWN, edit("translator.json", "max_length", to=10**400), "digits"),
    "a surrogate": (OWN, edit("translator.json", "examples", to=["\ud800"]), "surrogates"),
    "a link": (OWN, link("translator.json", "/etc/hostname"), "a link to .*outside"),
    "linked weights": (OWN, link("model.safetensors", "/etc/hostname"), "a link to .*outside"),
    "a device": (OWN, link("model.safetensors", "/dev/zero"), "a device"),
    "a loop": (OWN, link("translator.json", "translator.json"), "Expected"),
    "a hole": (OWN, larger("translator.json"), "at most 134217728 bytes"),
    "a hole of weights": (OWN, larger("model.safetensors"), "damaged data"),
    "a header": (OWN, header(2**63), "damaged data"),
    "a longer header": (OWN, header(2**26), "damaged data"),
    "a tokenizer's link": (WORDS, link("vocabulary.txt", "/etc/hostname"), "a link to"),
    "a tokenizer's class": (WORDS, edit("tokenizer.json", "class", to=[]), "tokenizer"),
    "a tokenizer's files": (WORDS, edit("tokenizer.json", "files", to=5), "tokenizer"),
    "a tokenizer's path": (
        WORDS, edit("tokenizer.json", "files", to={"../../etc/hostname": "0"}), "hostname",
    ),
    "a tokenizer's hole": (WORDS, larger("vocabulary.txt"), "at most 134217728 bytes"),
    "a tokenizer's row": (WORDS, edit("tokenizer.json", "config", to={"a": 1}), "tokenizer"),
    "BERT's layers": (BERT, edit("config.json", "num_hidden_layers", to=10**6), "10{6}|layers"),
    "BERT's width": (BERT, edit("config.json", "hidden_size", to=2**30), "shape"),
    "BERT's labels": (BERT, edit("config.json", "id2label", to=[1]), "id2label"),
    "BERT's architecture": (BERT, edit("config.json", "architectures", to=[[1]]), "architectures"),
    "BERT's type": (BERT, edit("config.json", "model_type", to={}), "model_type"),
    "BERT's problem": (BERT, edit("config.json", "problem_type", to=[{}]), "problem_type"),
    "BERT's import": (BERT, edit("config.json", "hidden_act", to=IMPORTED), "hidden_act"),
    "BERT's depth": (BERT, deep("config.json"), "JSON object"),
    "BERT's link": (BERT, link("config.json", "/etc/hostname"), "a link to .*outside"),
    "BERT's hole": (BERT, larger("tokenizer.json"), "at most 134217728 bytes"),
    "BERT's pieces": (BERT, edit("tokenizer.json", "model", "vocab", to={"a": 2**40}), "vocab"),
    "BERT's token": (BERT, edit("tokenizer.json", "added_tokens", to=[{"id": 1}]), "added_tokens"),
    "an external link": (HUB, external_link, "a link to ./"),
    "KerasHub's layers": (HUB, edit("config.json", "config", "num_layers", to=10**6), "num_layers"),
    "KerasHub's width": (HUB, edit("config.json", "config", "hidden_dim", to=10**9), "hidden_dim"),
    "KerasHub's class": (HUB, edit("config.json", "class_name", to="os.system"), "os.system"),
    "KerasHub's module": (HUB, edit("config.json", "module", to="antigravity"), "antigravity"),
    "KerasHub's weights": (HUB, link("model.weights.h5", "/etc/hostname"), "a link to .*outside"),
    "Marian's counts": (
        "bergamot", write("model.xxyy.bin", struct.pack("<QQ", 1, 2**63)), "headers within",
    ),
    "Marian's hole": ("bergamot", larger("vocab.xxyy.spm"), "at most 134217728 bytes"),
    "Marian's path": (
        "bergamot", write("config.yml", b"models: [../../a.bin]\nvocabs: [vocab.xxyy.spm]\n"),
        "without a path",
    ),
    "Marian's link": ("bergamot", link("model.xxyy.bin", "/etc/hostname"), "a link to .*outside"),
    "Marian's object": (
        "bergamot", write("config.yml", b"models: !!python/object/apply:os.system [a]\n"), "YAML",
    ),
    "a bomb": ("lite", archive(zeros=256), "at most 1000 files and 134217728 bytes"),
    "many files": ("lite", archive(**{f"a/{i}": b"" for i in range(1200)}), "at most 1000 files"),
    "a path": ("lite", archive(**{"../a": b""}), "files inside the archive"),
    "metadata": ("lite", archive(**{"metadata.json": "[1]"}), "without its metadata"),
    "deep metadata": ("lite", archive(**{"metadata.json": "[" * 9000}), "without its metadata"),
    "a kind": ("lite", metadata(task=[]), "Expected a task of"),
    "a length": ("lite", metadata(max_length=[]), "describes none"),
    "a huge length": ("lite", metadata(max_length=10**400), "digits"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_one_sentence(name, real, tmp_path):
    loader, change, said = HOSTILE[name]
    folder, load = real(loader)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    change(copy)
    (copy / "manifest.json").unlink(missing_ok=True)  # as whoever edits the rest can
    imported, before = set(sys.modules), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with pytest.raises((ValueError, FileNotFoundError), match=said) as refusal:
        load(copy)
    assert time.perf_counter() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
    sentence = str(refusal.value)
    assert sentence.startswith("Expected ") and "\n" not in sentence and len(sentence) < 1500
    assert "antigravity" not in set(sys.modules) - imported


@pytest.mark.parametrize("link", [".saved", ".saved/source", ".saved/file", "source"])
def test_loading_moves_nothing_out_of_a_folder_or_into_it(link, real, tmp_path):
    folder, load = real(OWN)
    copy, elsewhere = tmp_path / "copy", tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("kept")
    if link == "source":  # what a save had written would go where the link says
        (copy / ".saved" / "source").mkdir(parents=True)
        (copy / ".saved" / "source" / "planted").write_text("")
        shutil.rmtree(copy / "source")
    else:
        (copy / link).parent.mkdir(exist_ok=True)
    (copy / link).symlink_to(elsewhere / "precious" if link.endswith("file") else elsewhere)
    with pytest.raises(ValueError, match="received a link"):
        load(copy)
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
    assert (elsewhere / "precious").read_text() == "kept"


def test_whatever_a_reader_does_not_foresee_is_one_sentence():
    for error in (KeyError("a"), RecursionError("b"), ZeroDivisionError(), MemoryError("c\nd")):
        with (
            pytest.raises(ValueError, match="^Expected a thing in there; received .*Save it.$"),
            untrusted.reading("there", "a thing", "Save it."),
        ):
            raise error
    for error in (FileNotFoundError("a"), ImportError("b"), ValueError("Expected x; received y.")):
        with (
            pytest.raises(type(error), match=str(error)),
            untrusted.reading("there", "a thing", "Save it."),
        ):
            raise error


def test_links_of_the_hub_s_cache_are_read_and_those_inside(tmp_path):
    snapshot = tmp_path / "models--a--b" / "snapshots" / "c0ffee"
    snapshot.mkdir(parents=True)
    (tmp_path / "models--a--b" / "blobs").mkdir()
    (tmp_path / "models--a--b" / "blobs" / "1").write_text("{}")
    (snapshot / "config.json").symlink_to("../../blobs/1")
    assert untrusted.read_json(snapshot / "config.json", folder=snapshot) == {}
    (snapshot / "again.json").symlink_to("config.json")
    assert untrusted.read_json(snapshot / "again.json", folder=snapshot) == {}
    (tmp_path / "secret").write_text("{}")
    (snapshot / "other.json").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="a link to .*secret, outside of it"):
        untrusted.read_json(snapshot / "other.json", folder=snapshot)
    assert untrusted.read_json(snapshot / "other.json") == {}  # a file that the user names


def test_a_pipe_holds_nothing_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="a device or a pipe"):
        untrusted.read_file(tmp_path / "pipe")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=100)
@given(JSON)
def test_json_is_read_as_it_is_or_refused(value):
    text = json.dumps({"a": value})
    try:
        found = untrusted.parse_json(text, "there")
    except ValueError as error:
        assert str(error).startswith("Expected a JSON object in there; received ")
        assert "surrogates" in str(error)
    else:
        assert json.dumps(found) == text
    with pytest.raises(ValueError, match="JSON list"):
        untrusted.parse_json(text, "there", list)


def test_json_is_as_deep_as_it_may_be():
    most = untrusted.DEEPEST
    assert untrusted.parse_json("[" * most + "]" * most, "there", list)
    with pytest.raises(ValueError, match=f"more than {most} deep"):
        untrusted.parse_json("[" * (most + 1) + "]" * (most + 1), "there", list)


def test_a_model_is_made_within_its_weights_and_no_other_is_held_back():
    import keras

    with within(3, 1000):
        keras.layers.Dense(3).build((None, 5))
    with pytest.raises(ValueError, match="a model of more numbers"), within(3, 1000):
        keras.layers.Dense(10**5).build((None, 10**5))
    with pytest.raises(ValueError, match="a model of more layers"), within(3, 1000):
        for _ in range(10**5):
            keras.layers.Dropout(0.1)
    keras.layers.Dense(10).build((None, 10**5))  # behind it there is no limit
    plain = {"class_name": "Transformer", "config": {"dropout": 0.1, "num_layers": 3}}
    check_description(plain, 100)
    initializer = keras.initializers.serialize(keras.initializers.RandomNormal(0, 1))
    check_description(plain | {"embedding_initializer": initializer}, 100)


def test_tensors_are_the_file_s(tmp_path):
    import ml_dtypes
    import safetensors.numpy

    draw = np.random.default_rng(1)
    arrays = {
        "half": draw.standard_normal((3, 1)).astype("float16"),
        "none": np.zeros((0, 4), "float32"),
        "odd": draw.standard_normal(5).astype(ml_dtypes.bfloat16),
        "scalar": np.array(2.5),
        "whole": draw.integers(-9, 9, (2, 3)),
        "wide": draw.standard_normal((7, 3)).astype("float32"),
    }
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file(arrays, path, {"format": "np"})
    found = read_tensors(path)
    assert found.keys() == read_shapes(path).keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].shape == read_shapes(path)[name] == array.shape
        np.testing.assert_array_equal(found[name], array.astype(found[name].dtype))
        assert not found[name].flags.writeable or name == "odd"


@pytest.mark.parametrize("kind", ["soft", "external", "storage", "virtual", "loop"])
def test_hdf5_holds_its_own_numbers(tmp_path, kind):
    path = tmp_path / "a.h5"
    with h5py.File(tmp_path / "b.h5", "w") as other:
        other["x"] = np.ones(4, "float32")
    (tmp_path / "raw").write_bytes(bytes(16))
    with h5py.File(path, "w") as file:
        file["a/x"] = np.ones((2, 3), "float32")
        if kind == "soft":
            file["a/y"] = h5py.SoftLink("/a/x")
        elif kind == "external":
            file["a/y"] = h5py.ExternalLink("b.h5", "/x")
        elif kind == "storage":
            external = [(str(tmp_path / "raw"), 0, 16)]
            file.create_dataset("a/y", (4,), "float32", external=external)
        elif kind == "virtual":
            layout = h5py.VirtualLayout((4,), "float32")
            layout[:] = h5py.VirtualSource(str(tmp_path / "b.h5"), "x", (4,))
            file.create_virtual_dataset("a/y", layout)
        else:
            file["a/y"] = file["a"]  # a group inside itself
    if kind == "loop":
        assert count_numbers(path) == 6
    else:
        with pytest.raises(ValueError, match="Expected the numbers of '/a/y'.*; received"):
            count_numbers(path)


def test_the_readers_go_through_one_door():
    """No reader of a saved file opens it by itself."""
    package = pathlib.Path(untrusted.__file__).parent
    rooms = ["text/load_tokenizer.py", "tasks/task.py", "tasks/weights.py", "export/lite_file.py"]
    rooms += [str(path.relative_to(package)) for path in (package / "pretrained").glob("*.py")]
    opened = ("json.loads(", ".read_bytes(", ".read_text(", "extractall", "open(", "yaml.load(")
    allowed = {"pretrained/hub_preset.py": 1}  # what KerasHub has just written itself
    for room in rooms:
        found = (package / room).read_text(encoding="utf-8")
        assert sum(found.count(each) for each in opened) == allowed.get(room, 0), room
