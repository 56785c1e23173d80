"""An exported file answers in a browser, under LiteRT.js, as it does in Python."""

import pathlib

import numpy as np
import pytest

from closeness import assert_close
from kerasseq import TextClassifier, Translator
from kerasseq.export import LiteClassifier, LiteTranslator
from kerasseq.export.tflite import write_tflite
from kerasseq.models import BertEncoder, SequenceClassifier
from kerasseq.text import WordPieceTokenizer

ROOT = pathlib.Path(__file__).parents[2]
LITERTJS = ROOT / "tests" / "litertjs"
# A folder of saved_models, what it is quantised to, and by how much sums may then differ.
FILES = {
    "lstm": ("numbers_en_de", None, 1e-4),
    "transformer": ("multi30k_de_en", "int8", 0.05),
}
LINES = {
    "lstm": ["fifty one", "two hundred seven thousand and eleven", ""],
    "transformer": ["ein hund rennt durch den schnee .", "zwei kinder spielen am strand ."],
}


@pytest.fixture(scope="module")
def page(browser):
    """A page with LiteRT.js, to which `/files/` is a folder's content."""
    if not (LITERTJS / "node_modules").is_dir():
        pytest.fail(
            "Expected LiteRT.js in tests/litertjs/node_modules; received no such folder. Install "
            "it: npm ci --prefix tests/litertjs"
        )
    page = browser.new_page()

    def fulfil(route):
        name = route.request.url.removeprefix("http://phone.test/")
        folder = LITERTJS / "node_modules" if name.startswith("@litertjs") else LITERTJS
        route.fulfill(path=folder / name)

    page.route("http://phone.test/**", fulfil)
    page.goto("http://phone.test/page.html")
    page.wait_for_function("window.ready")
    return page


def load(page, path):
    """Opens a `.tflite` file in the page: what its signatures take and give, by name."""
    page.route("**/model.tflite", lambda route: route.fulfill(body=path.read_bytes()))
    found = page.evaluate("load('/model.tflite')")
    page.unroute("**/model.tflite")
    return found


@pytest.fixture(scope="module", params=FILES)
def opened(request, page, tmp_path_factory):
    """A translator, the runner of its file in Python, and what the page says of the file."""
    name, quantize, _ = FILES[request.param]
    translator = Translator.load(ROOT / "saved_models" / name)
    path = tmp_path_factory.mktemp("lite") / "model.tflite"
    write_tflite(translator, path, quantize)
    return translator, LiteTranslator(path), load(page, path), request.param


def test_the_page_sees_the_signatures_of_a_model_that_attends(opened):
    _, lite, signatures, _ = opened
    assert "attention" in signatures["decode_step"][1]
    for name, sides in signatures.items():
        runner = lite.interpreter.get_signature_runner(name)
        details = runner.get_input_details(), runner.get_output_details()
        for seen, known in zip(sides, details, strict=True):
            plain = {
                key: [np.dtype(each["dtype"]).name, each["shape"].tolist()]
                for key, each in known.items()
            }
            assert seen == plain


def test_it_translates(page, opened):
    translator, lite, _, name = opened
    *_, rounded = FILES[name]
    for line in LINES[name]:
        ids = lite.source_ids(line)[0].tolist()
        found = page.evaluate("ids => run('translate', 'source', ids)", ids)
        (best,) = next(lite.answers([line]))
        tokens = found["tokens"][: found["lengths"][0]]
        assert [translator.target.vocabulary[i] for i in tokens] == best.tokens
        assert found["scores"] == pytest.approx([best.score], abs=rounded)
        assert best.text == translator(line)


def test_it_translates_step_by_step(page, opened):
    translator, lite, _, name = opened
    *_, rounded = FILES[name]
    encode, decode_step = map(lite.interpreter.get_signature_runner, ("encode", "decode_step"))
    symbols = translator.target.start_id, translator.target.end_id
    for line in LINES[name]:
        source = lite.source_ids(line)
        given = [source[0].tolist(), *symbols, translator.max_length]
        tokens, logits = page.evaluate("given => greedy(...given)", given)
        (best,) = next(translator.answers([line], search="greedy"))
        assert [translator.target.vocabulary[i] for i in tokens] == best.tokens
        leaves = encode(source=source)
        for step, token in enumerate([symbols[0], *tokens[:-1]]):
            token = np.array([token], "int32")
            found = decode_step(token=token, step=np.array(step, "int32"), **leaves)
            leaves |= {key: leaf for key, leaf in found.items() if key.startswith("state")}
            np.testing.assert_allclose(logits[step], found["logits"][0], rtol=0, atol=rounded)


def test_a_classifier_answers_in_the_page(page, tmp_path):
    texts = ["a warm film", "it was (very) cold", "nobody did, in Rome"]
    tokenizer = WordPieceTokenizer.train(texts, 60)
    size, separator = tokenizer.vocabulary_size, tokenizer.separator_id
    encoder = BertEncoder(size, 16, 2, 2, max_length=24, separator_id=separator)
    model = SequenceClassifier(encoder, 3)
    classifier = TextClassifier(model, tokenizer, ["bad", "good", "odd"], max_length=24)
    path = tmp_path / "model.tflite"
    write_tflite(classifier, path)
    lite, signatures = LiteClassifier(path), load(page, path)
    assert signatures == {
        "read": [{"tokens": ["int32", [1, 24]]}, {"outputs": ["float32", [1, 3]]}]
    }
    for text, probabilities in zip(texts, classifier.probabilities(texts), strict=True):
        ids = lite.processor.one(*lite.processor.rows(text))["tokens"][0].tolist()
        found = page.evaluate("ids => run('read', 'tokens', ids)", ids)
        assert_close(found["outputs"], probabilities)
