"""What a notebook shows: players and maps in the cell, tables of layers, and no log lines."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import types

import keras
import numpy as np
import pytest
from PIL import Image

from kerasseq import Captioner, TextClassifier, Translator
from kerasseq.models import (
    AttentionSeq2Seq,
    ImageCaptioner,
    RecurrentTextEncoder,
    SequenceClassifier,
    Transformer,
)
from kerasseq.plots import attention_map, fonts
from kerasseq.quiet import LEVEL, QuietImports, in_a_notebook_be_quiet
from kerasseq.tasks.summary import layer_shapes
from kerasseq.tasks.trace import Trace
from kerasseq.text import WordTokenizer

MODEL = pathlib.Path(__file__).parents[1] / "saved_models" / "numbers_en_de"
WORDS = WordTokenizer.train(["a dog sleeps", "two cats"])


@pytest.fixture(scope="module")
def translator():
    return Translator.load(MODEL)


def test_a_player_stands_in_the_cell(translator):
    shown = translator.show("fifty one", candidates=3)
    assert type(shown) is Trace and len(shown.nodes[0].candidates) == 3
    cell = shown._repr_html_()
    assert cell.startswith("<iframe srcdoc=") and "A translation, step by step" in cell


def test_a_map_stands_in_the_cell(translator):
    figure = translator.plot_attention("fifty one")
    image = Image.open(io.BytesIO(figure._repr_png_()))
    assert image.format == "PNG" and image.size[0] > 200
    assert len(set(image.convert("L").tobytes())) > 20  # something is drawn


def test_a_summary_has_real_shapes(capsys):
    size = WORDS.vocabulary_size
    model = AttentionSeq2Seq(size, size, 8, 12)
    found = {each.kind: each for each in layer_shapes(model)}
    assert found["TokenEmbedding"].shape == (1, 16, 8)
    assert found["AttentionDecoder"].weights > 0
    assert sum(each.weights for each in layer_shapes(model)) == model.count_params()
    short = Transformer(
        size, size, hidden_dim=8, num_heads=2, feed_forward_dim=16, num_layers=1, max_length=6,
        positions="learned",
    )  # fmt: skip
    assert {each.shape[2] for each in layer_shapes(short)} == {8}
    image = ImageCaptioner(size, (16, 24), filters=(4, 8), embedding_dim=8, hidden_dim=8)
    shapes = {each.kind: each.shape for each in layer_shapes(image)}
    assert shapes["ImageEncoder"] == (1, 4, 6, 8)
    Captioner(image, WORDS).summary()
    head = SequenceClassifier(RecurrentTextEncoder(size, 8, 8), 3)
    TextClassifier(head, WORDS, ["a", "b", "c"], max_length=8).summary()
    said = capsys.readouterr().out
    assert "1 × 3" in said and f"{head.count_params():,}" in said
    with keras.StatelessScope():
        assert "call" not in vars(head.encoder)  # nothing stays watched


def test_nothing_is_logged_below_the_first_cell():
    code = (
        "import sys, types; sys.modules['ipykernel'] = types.ModuleType('ipykernel');"
        f"import kerasseq as ks; ks.Translator.load({str(MODEL)!r})"
    )
    shell = {name: value for name, value in os.environ.items() if name != LEVEL}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=shell)
    assert (found.returncode, found.stderr) == (0, "")


def test_it_is_quiet_in_a_notebook_alone(monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    for module, count in ((None, 0), (types.ModuleType("ipykernel"), 1)):
        if module is None:
            monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
        else:
            monkeypatch.setitem(sys.modules, "ipykernel", module)
        for _ in range(2):
            in_a_notebook_be_quiet()
        assert sum(isinstance(each, QuietImports) for each in sys.meta_path) == count


@contextlib.contextmanager
def without_fonts(monkeypatch):
    """The system has no font beside matplotlib's; what was found before is forgotten."""
    found = (fonts._families, fonts._installed)
    monkeypatch.setattr(fonts.matplotlib.font_manager, "findSystemFonts", own_alone)
    monkeypatch.setattr(fonts, "SAID", set())
    for each in found:
        each.cache_clear()
    yield
    for each in found:
        each.cache_clear()


def own_alone(folders=None):
    """The fonts of a folder, none of the system's."""
    return [str(path) for each in folders or () for path in pathlib.Path(each).glob("*.ttf")]


def test_a_missing_font_is_named_once(monkeypatch, recwarn):
    with without_fonts(monkeypatch):
        for text in ("漢字", "漢字", "猫"):
            attention_map(list(text), ["a"], np.full((1, len(text)), 1 / len(text)))
        (said,) = {str(each.message) for each in recwarn}
        assert len(recwarn) == 1 and "Cjk characters such as '字'" in said
        assert "apt install fonts-noto-cjk" in said and "KERASSEQ_FONTS" in said
        attention_map(list("नम"), ["a"], np.full((1, 2), 0.5))
        assert "apt install fonts-noto-core" in str(recwarn[-1].message)


def test_a_font_of_one_s_own_folder_is_drawn_with(monkeypatch, tmp_path, recwarn):
    theirs = pathlib.Path(fonts._path_of("STIXNonUnicode"))  # it has private letters
    (tmp_path / "own.ttf").write_bytes(theirs.read_bytes())
    letter = min(fonts.covered(str(theirs)) - fonts.covered(fonts._path_of(fonts.FIRST)))
    monkeypatch.setenv("KERASSEQ_FONTS", str(tmp_path))
    with without_fonts(monkeypatch):
        families, left = fonts._families(frozenset(letter))
        assert len(families) == 1 and not left
