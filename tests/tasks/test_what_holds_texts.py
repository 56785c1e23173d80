"""Whatever holds the texts, a task, its scores and its runtimes read it alike, or refuse it."""

import keras
import numpy as np
import pandas as pd
import pyarrow
import pytest
import tensorflow as tf

import kerasseq as ks
from kerasseq.export import LiteClassifier, SavedClassifier, SavedQuestionAnswerer, SavedTagger
from kerasseq.models import RecurrentTextEncoder, SequenceClassifier
from kerasseq.recipes import evaluate
from kerasseq.text import WordTokenizer
from kerasseq.training import TranslationMetrics

TEXTS = ["a warm film", "Größe und Wärme", "nobody did"]
FRAME = pd.DataFrame({"en": TEXTS, "de": TEXTS[::-1], "label": list("xyx")}, index=[5, 3, 5])
HOLDERS = {
    "tuple": lambda: (each for each in TEXTS),
    "series": lambda: FRAME["en"],
    "string series": lambda: FRAME["en"].astype("string"),
    "pyarrow series": lambda: FRAME["en"].astype(pd.ArrowDtype(pyarrow.string())),
    "categorical": lambda: FRAME["en"].astype("category"),
    "index": lambda: pd.Index(TEXTS),
    "pyarrow": lambda: pyarrow.chunked_array([TEXTS[:1], TEXTS[1:]]),
    "unicode array": lambda: np.array(TEXTS),
    "bytes array": lambda: np.array([text.encode() for text in TEXTS]),
    "object array": lambda: np.array(TEXTS, object),
    "numpy's str": lambda: list(np.array(TEXTS)),
    "tensor": lambda: tf.constant(TEXTS),
    "data set": lambda: tf.data.Dataset.from_tensor_slices(TEXTS),
}
WRONG = {
    "frame": (lambda: FRAME, "a DataFrame, which is read as its keys"),
    "dict": (lambda: {"text": TEXTS}, "a dict, which is read as its keys"),
    "table": (lambda: pyarrow.table({"text": TEXTS}), "a Table, which is read as its keys"),
    "set": (lambda: set(TEXTS), "a set, which has no order"),
    "rows": (lambda: [{"text": "a"}], r"received \{'text': 'a'\}"),
    "missing": (lambda: pd.Series(["a", None]), "received nan"),
    "nullable": (lambda: pd.Series(["a", None], dtype="string"), "received <NA>"),
    "numbers": (lambda: pd.Series([1.5]), "received 1.5"),
}


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(2)
    tokenizer = WordTokenizer.train(TEXTS)
    encoder = RecurrentTextEncoder(tokenizer.vocabulary_size, 4, 4)
    task = ks.TextClassifier(SequenceClassifier(encoder, 2), tokenizer, ["x", "y"], 8)
    task.fit(ks.data.LabelledText(FRAME["en"], FRAME["label"].astype("category")), verbose=0)
    return task


@pytest.fixture(scope="module")
def runtimes(classifier, tmp_path_factory):
    """The classifier, its SavedModel and its file."""
    folder = tmp_path_factory.mktemp("classifier")
    classifier.export(folder / "1", FRAME["en"])
    classifier.export(folder / "c.tflite", FRAME["en"])
    return classifier, SavedClassifier(folder / "1"), LiteClassifier(folder / "c.tflite")


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_texts_are_read_whatever_holds_them(runtimes, hold):
    expected = runtimes[0](TEXTS)
    for each in runtimes:
        found = each(hold())
        assert list(found) == expected
    one = np.array(TEXTS)[0]
    assert [each(one) for each in runtimes] == [expected[0]] * 3


@pytest.mark.parametrize("wrong, said", WRONG.values(), ids=WRONG)
def test_what_is_no_text_is_refused_by_every_runtime(runtimes, wrong, said):
    for each in runtimes:
        with pytest.raises(ValueError, match=said):
            list(each(wrong()))
    if "which" in said:
        model, tokenizer = runtimes[0].model, runtimes[0].tokenizer
        with pytest.raises(ValueError, match=said):
            ks.TextClassifier(model, tokenizer, ["x", "y"], 8, examples=wrong())
        with pytest.raises(ValueError, match=said):
            runtimes[0].export("never", wrong())


def test_half_of_a_surrogate_pair_is_read_alike(runtimes):
    found = {each("a warm \ud800film") for each in runtimes}
    assert found == {runtimes[0]("a warm \ufffdfilm")}


def test_scores_of_columns(classifier):
    corpus = ks.data.LabelledText.from_rows(FRAME, "en", "label")
    assert classifier.scores(corpus)["accuracy"] == np.mean(
        [found == label for found, label in zip(classifier(FRAME["en"]), "xyx", strict=True)]
    )
    assert ks.metrics.label_scores(classifier(FRAME["en"]), FRAME["label"]) == (
        ks.metrics.label_scores(classifier(TEXTS), list("xyx"))
    )


def test_a_saved_task_takes_pairs_and_texts_by_one_rule():
    kinds = SavedClassifier, SavedTagger, SavedQuestionAnswerer
    inputs = ["ab", ("a", "b")], [["a", "b"]], ["ab"]
    for kind, given in zip(kinds, inputs, strict=True):
        processor = ks.processing.find_processor(kind.name)
        with pytest.raises(ValueError, match="Expected a (pair of texts|text)"):
            processor.served_inputs(given)


@pytest.fixture(scope="module")
def translator():
    tokenizer = WordTokenizer.train(TEXTS)
    size = tokenizer.vocabulary_size
    model = ks.models.RecurrentSeq2Seq(size, size, 4, 4, 1)
    return ks.Translator(model, tokenizer, tokenizer, "greedy", 6)


def test_a_translator_scores_pairs_whatever_holds_them(translator):
    pairs = list(zip(FRAME["en"], FRAME["de"], strict=True))
    expected = translator.score(pairs)
    for given in (
        iter(pairs),
        np.array(pairs),
        tf.constant(pairs),
        tf.data.Dataset.from_tensor_slices((TEXTS, TEXTS[::-1])),
        ks.data.ParallelText.from_pairs(FRAME, source="en", target="de"),
    ):
        np.testing.assert_allclose(translator.score(given), expected, rtol=1e-5)
    assert translator(FRAME["en"]) == translator(TEXTS)
    for call in (
        translator.score,
        translator.perplexity,
        lambda given: evaluate(translator, given),
        lambda given: TranslationMetrics(translator, given),
    ):
        for wrong in (FRAME[["en", "de"]], {"en": "de"}, [{"en": "a", "de": "b"}], ["ab"], "ab"):
            with pytest.raises(ValueError, match="Expected (an iterable|a pair)"):
                call(wrong)
    with pytest.raises(ValueError, match="examples|iterable"):
        ks.Translator(translator.model, *[translator.source] * 2, examples="abc")
