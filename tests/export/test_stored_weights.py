"""A file that is to be small holds small numbers: the weights of every task's quantised file."""

import collections
import zipfile

import keras
import numpy as np
import pytest
import safetensors
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from kerasseq import (
    Captioner,
    Forecaster,
    QuestionAnswerer,
    TextClassifier,
    TokenClassifier,
    Translator,
)
from kerasseq.models import (
    BertEncoder,
    ImageCaptioner,
    RecurrentForecaster,
    RecurrentSeq2Seq,
    RecurrentTextEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
)
from kerasseq.text import WordPieceTokenizer, WordTokenizer

NAMES = [f"w{number}" for number in range(300)]
WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *NAMES])
PIECES = WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *NAMES])
LINES = ["w1 w2", "w3"]


def translator():
    model = RecurrentSeq2Seq(304, 304, 64, 64, 1, "gru")
    model.decoder.output_dense.bias.assign(9.0 * np.eye(304)[7])  # far from a tie
    return Translator(model, WORDS, WORDS, max_length=4, max_source_length=6, examples=LINES)


def classifier():
    model = SequenceClassifier(RecurrentTextEncoder(304, 64, 64, 1, "gru"), 2)
    return TextClassifier(model, WORDS, ["a", "b"], 6, examples=LINES)


def tagger():
    model = SequenceTagger(RecurrentTextEncoder(304, 64, 64, 1, "gru"), 2)
    model.output_dense.bias.assign([9.0, 0.0])
    return TokenClassifier(model, WORDS, ["O", "B-X"], 6, examples=LINES)


def finder():
    encoder = BertEncoder(305, 64, 1, 2, 128, max_length=16, separator_id=3)
    return QuestionAnswerer(SpanClassifier(encoder, 3), PIECES, 12, examples=[("w1", "w2 w3")])


def captioner():
    sizes = {"filters": (16, 32), "embedding_dim": 64, "hidden_dim": 64, "cell": "gru"}
    model = ImageCaptioner(304, (8, 8), **sizes)
    model.decoder.output_dense.bias.assign(9.0 * np.eye(304)[7])
    return Captioner(model, WORDS, max_length=4)


def numbers_by_kind(path):
    """How many numbers of each kind a file's tensors have."""
    interpreter, found = Interpreter(str(path)), collections.Counter()
    for graph in range(interpreter.num_subgraphs()):
        for detail in interpreter.get_tensor_details(graph):
            found[np.dtype(detail["dtype"]).name] += int(np.prod(detail["shape"]))
    return found


@pytest.mark.parametrize(
    ("task", "quantize", "kind"),
    [
        (translator, "float16", "float16"),
        (translator, "int8", "int8"),
        (classifier, "float16", "float16"),
        (classifier, "int8", "int8"),
        (tagger, "int8", "int8"),
        (finder, "int8", "int8"),
        (captioner, "int8", "int8"),
    ],
)
def test_a_quantised_file_holds_its_weights_in_the_kind_it_names(task, quantize, kind, tmp_path):
    keras.utils.set_random_seed(0)
    task, path = task(), tmp_path / "model.tflite"
    held_out = []
    if isinstance(task, Captioner):
        Image.new("RGB", (8, 8), 3).save(tmp_path / "a.png")
        held_out = [[tmp_path / "a.png"]]
    task.export(path, *held_out, quantize=quantize)
    # Matrices are nearly all of these models' weights; what else there is stays float32.
    counts, weights = numbers_by_kind(path), task.model.count_params()
    assert counts[kind] >= 0.95 * weights, counts
    other = {"float16": "int8", "int8": "float16"}[kind]
    assert not counts[other]
    with zipfile.ZipFile(path) as archive:
        assert quantize in archive.read("metadata.json").decode()


def test_a_quantised_forecaster_holds_small_numbers(tmp_path):
    keras.utils.set_random_seed(0)
    model, path = RecurrentForecaster(3, 2, 64), tmp_path / "model.tflite"
    series = np.random.default_rng(0).standard_normal((2, 5, 3)).astype("float32")
    held_out = [(each, each[-1, :2]) for each in series]
    Forecaster(model, 5, 3, examples=held_out).export(path, quantize="int8")
    assert numbers_by_kind(path)["int8"] >= 0.95 * model.count_params()


@pytest.mark.parametrize(("dtype", "kind"), [("float16", "F16"), ("float32", "F32")])
def test_a_saved_folder_holds_its_weights_in_the_kind_that_was_asked_for(dtype, kind, tmp_path):
    task = translator()
    task.save(tmp_path, dtype=dtype)
    with safetensors.safe_open(tmp_path / "model.safetensors", "numpy") as file:
        kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
    assert kinds == {kind}
    again = Translator.load(tmp_path)
    for ours, theirs in zip(task.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3 if dtype == "float16" else 0, atol=1e-6)
