"""A save is whole or has not happened; a damaged folder is refused."""

import os
import pathlib

import numpy as np
import pytest

from kerasseq import Translator
from kerasseq.manifest import NAME, SAVED, check_manifest, write_all
from kerasseq.models import Transformer
from kerasseq.tasks import load
from kerasseq.text import WordTokenizer


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def two():
    """Two translators whose files all differ."""
    found = []
    for words in (["one two"], ["three four five"]):
        side = WordTokenizer.train(words)
        model = Transformer(
            side.vocabulary_size,
            side.vocabulary_size,
            hidden_dim=8,
            num_layers=1,
            num_heads=2,
            feed_forward_dim=8,
        )
        found.append(Translator(model, side, side, max_length=5, max_source_length=5))
    return found


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_file()
    }


def test_a_save_that_is_killed_anywhere_leaves_the_old_or_the_new(two, tmp_path, monkeypatch):
    old, new = two
    for translator, name in ((old, "old"), (new, "new")):
        translator.save(tmp_path / name)
        (tmp_path / name / "notes.txt").write_text("mine")
    expected = [files(tmp_path / name) for name in ("old", "new")]
    ended = []
    for place in range(200):
        folder, calls = tmp_path / str(place), []
        old.save(folder)
        (folder / "notes.txt").write_text("mine")

        def aimed(call, place=place, calls=calls):
            def counted(*arguments):
                calls.append(call)
                if len(calls) > place:
                    raise Killed
                return call(*arguments)

            return counted

        with monkeypatch.context() as patch:
            for name in ("replace", "fsync"):
                patch.setattr(os, name, aimed(getattr(os, name)))
            try:
                new.save(folder)
            except Killed:
                pass
            else:
                break
        load(folder)
        ended.append(expected.index(files(folder)))
    assert ended == sorted(ended) and set(ended) == {0, 1} and place == len(ended)
    assert files(folder) == expected[1]


def test_what_is_damaged_is_refused_by_its_name(two, tmp_path):
    two[0].save(tmp_path)
    whole = files(tmp_path)
    assert {*whole} == {NAME, "model.safetensors", "translator.json"} | {
        f"{side}/{name}" for side in ("source", "target") for name in two[0].source.saved_files()
    }
    draw = np.random.default_rng(0)
    for name, content in whole.items():
        for place in draw.integers(len(content), size=20):
            damaged = bytearray(content)
            damaged[place] ^= 1 << draw.integers(8)
            (tmp_path / name).write_bytes(damaged)
            # A flip in the manifest itself may leave JSON of another layout.
            with pytest.raises(ValueError, match=r"Expected .* as it was saved; received"):
                check_manifest(tmp_path)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "source" / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"source/tokenizer\.json .*received no such file"):
        Translator.load(tmp_path)
    two[0].save(tmp_path)
    description = (tmp_path / "translator.json").read_text()
    (tmp_path / "translator.json").write_text(description.replace("\n", " \n"))
    for load_it in (load, Translator.load):
        with pytest.raises(ValueError, match=r"translator\.json as it was saved; .*was edited"):
            load_it(tmp_path)
        assert load_it(tmp_path, verify=False).max_length == 5
    (tmp_path / NAME).unlink()  # a folder of an earlier version
    assert Translator.load(tmp_path).max_length == 5


def test_a_save_that_was_ended_by_an_error_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_all(tmp_path, {"one": b"1", "two": None})
    assert list(tmp_path.iterdir()) == []
    (tmp_path / SAVED).mkdir()
    write_all(tmp_path, {"sub/one": b"1"})
    assert files(tmp_path) == {"sub/one": b"1"}
