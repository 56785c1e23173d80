"""What an iterable of texts is, and rows that are mappings: read by name, or refused."""

import numpy as np
import pandas as pd
import pyarrow
import pytest
import tensorflow as tf

from kerasseq.data import (
    CaptionedImages,
    LabelledText,
    ParallelText,
    QuestionAnswers,
    TaggedText,
)
from kerasseq.metrics import label_scores
from kerasseq.text import SentencePieceTokenizer, WordTokenizer
from kerasseq.text.checks import check_lines
from kerasseq.training import TranslationMetrics

PAIRS = [("a dog", "ein Hund"), ("two cats", "zwei Katzen")]
TEXTS = [source for source, _ in PAIRS]


HOLDERS = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "unicode array": np.array,
    "bytes array": lambda texts: np.array([text.encode() for text in texts]),
    "object array": lambda texts: np.array(texts, object),
    "series": lambda texts: pd.Series(texts, index=range(7, 7 + len(texts))),
    "series of objects": lambda texts: pd.Series(texts, dtype=object, index=list("ba")),
    "series of strings": lambda texts: pd.Series(texts, dtype="string"),
    "series of pyarrow's": lambda texts: pd.Series(texts, dtype=pd.ArrowDtype(pyarrow.string())),
    "categorical": lambda texts: pd.Series(texts, dtype="category"),
    "index": pd.Index,
    "pandas' array": lambda texts: pd.array(texts),
    "tensor": tf.constant,
    "dataset": tf.data.Dataset.from_tensor_slices,
}


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS.keys())
def test_every_holder_of_texts_is_read_alike(hold):
    expected = [("a dog", "1"), ("two cats", "2")]
    assert list(LabelledText(hold(TEXTS), ["1", "2"])) == expected
    targets = [target for _, target in PAIRS]
    assert list(ParallelText.from_lists(hold(TEXTS), hold(targets))) == PAIRS


def test_pairs_in_arrays_and_data_sets():
    sources, targets = zip(*PAIRS, strict=True)
    given = (
        np.array(PAIRS),
        tf.constant(PAIRS),
        tf.data.Dataset.from_tensor_slices((list(sources), list(targets))),
        (list(pair) for pair in PAIRS),
    )
    for pairs in given:
        corpus = ParallelText.from_pairs(pairs)
        assert list(corpus) == PAIRS
        assert len(list(corpus.strings())) == 2


def test_pyarrow_s_columns():
    table = pyarrow.table({"text": TEXTS, "label": [0, 1]})
    assert list(LabelledText(table["text"], table["label"])) == [("a dog", "0"), ("two cats", "1")]
    assert list(LabelledText.from_rows(table.to_pylist(), "text", "label").labels()) == ["0", "1"]
    with pytest.raises(ValueError, match=r"a Table, which is read as its keys"):
        LabelledText(table, ["a", "b"])


@pytest.mark.parametrize(
    "given, said",
    [
        ("text", "Put a single one into a list"),
        (b"text", "Put a single one into a list"),
        (5, "Put a single one into a list"),
        (None, "Put a single one into a list"),
        (np.array("text"), "Put a single one into a list"),
        (tf.constant("text"), "Put a single one into a list"),
        ({"text": TEXTS}, "received a dict, which is read as its keys"),
        (set(TEXTS), "received a set, which has no order"),
    ],
    ids=["str", "bytes", "int", "None", "array", "tensor", "dict", "set"],
)
def test_what_is_no_iterable_of_texts(given, said):
    calls = [
        lambda: check_lines(given),
        lambda: LabelledText(given, ["a", "b"]),
        lambda: LabelledText(TEXTS, given),
        lambda: ParallelText.from_pairs(given),
        lambda: ParallelText.from_lists(given, TEXTS),
        lambda: TaggedText(given, [["O"]]),
        lambda: TaggedText([given], [["O"]]),
        lambda: LabelledText.from_rows(given, "text", "label"),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=said):
            call()


@pytest.mark.parametrize("item", [1.5, float("nan"), None, {"text": "a"}, [1, 2], np.float32(1)])
def test_an_item_that_is_no_text_is_named(item):
    with pytest.raises(ValueError, match=r"received .* as text 2"):
        LabelledText(["a", item], ["x", "y"])
    with pytest.raises(ValueError, match=r"received .*(as pair 2|row that is a mapping)"):
        ParallelText.from_pairs([("a", "b"), item])
    with pytest.raises(ValueError, match=r"as pair 1"):
        ParallelText.from_lists(["a"], [item])


def test_bytes_are_utf_8():
    assert list(ParallelText.from_pairs([("ü".encode(), "b")])) == [("ü", "b")]
    for make in (
        lambda text: ParallelText.from_pairs([(text, "b")]),
        lambda text: LabelledText([text], ["a"]),
        lambda text: TaggedText([[text]], [["O"]]),
    ):
        with pytest.raises(ValueError, match=r"bytes in UTF-8; received b'\\xfc'"):
            make(b"\xfc")


def test_rows_that_are_mappings_are_read_by_name():
    flat = [{"en": source, "de": target, "id": 3} for source, target in PAIRS]
    nested = [{"translation": {"en": source, "de": target}} for source, target in PAIRS]
    for rows in (flat, nested, iter(flat)):
        assert list(ParallelText.from_pairs(rows, source="en", target="de")) == PAIRS
    rows = [{"text": "good", "other": "film", "label": 1}, {"text": "bad", "other": "", "label": 0}]
    assert list(LabelledText.from_rows(rows, "text", "label")) == [("good", "1"), ("bad", "0")]
    pairs = LabelledText.from_rows(rows, ("text", "other"), "label")
    assert list(pairs.texts()) == [("good", "film"), ("bad", "")]


def test_rows_that_are_mappings_are_never_read_as_their_keys():
    rows = [{"en": "a dog", "de": "ein Hund"}]
    with pytest.raises(ValueError, match=r"one with 'en', 'de' as pair 1\. Give source=… and targ"):
        ParallelText.from_pairs(rows)
    for names in ({"source": "en", "target": "fr"}, {"source": "en"}):
        with pytest.raises(ValueError, match=r"Expected 'en', .*one with 'en', 'de' as pair 1"):
            ParallelText.from_pairs(rows, **names)
    with pytest.raises(ValueError, match=r"Expected a mapping with the keys 'en', 'de' as pair 1"):
        ParallelText.from_pairs(PAIRS, source="en", target="de")
    with pytest.raises(ValueError, match=r"received {'text': 'a'} as text 1"):
        LabelledText([{"text": "a"}], ["x"])
    with pytest.raises(ValueError, match=r"'text', 'label' .*one with 'text' as row 1"):
        LabelledText.from_rows([{"text": "a"}], "text", "label")


FRAME = pd.DataFrame({"id": [3, 4], "en": TEXTS, "de": [pair[1] for pair in PAIRS]}, index=[9, 9])


def test_a_table_is_read_by_its_columns():
    labelled = FRAME.assign(label=pd.Categorical(["x", "y"]))
    for table in (labelled, pyarrow.Table.from_pandas(labelled, preserve_index=False)):
        assert list(ParallelText.from_pairs(table, source="en", target="de")) == PAIRS
        found = LabelledText.from_rows(table, "en", "label")
        assert list(found) == [("a dog", "x"), ("two cats", "y")]
        assert list(LabelledText.from_rows(table, "de", "id").labels()) == ["3", "4"]
        pairs = LabelledText.from_rows(table, ("en", "de"), "label")
        assert list(pairs.texts()) == PAIRS
    assert list(LabelledText(FRAME["en"], labelled["label"]).labels()) == ["x", "y"]
    assert list(ParallelText.from_lists(FRAME["en"], FRAME["de"])) == PAIRS
    assert list(ParallelText.from_pairs(zip(FRAME["en"], FRAME["de"], strict=True))) == PAIRS
    words = pd.DataFrame({"words": [["a", "b"], np.array(["c"])], "tags": [["O", "O"], ["B-x"]]})
    assert list(TaggedText(words["words"], words["tags"])) == list(
        TaggedText.from_rows(words, "words", "tags")
    )


def test_a_table_is_never_read_as_the_names_of_its_columns():
    with pytest.raises(ValueError, match=r"one with 'id', 'en', 'de' as pair 1\. Give source=…"):
        ParallelText.from_pairs(FRAME)
    with pytest.raises(ValueError, match=r"'en', 'fr' .* as pair 1"):
        ParallelText.from_pairs(FRAME, source="en", target="fr")
    with pytest.raises(ValueError, match="received 'en' twice in a DataFrame"):
        ParallelText.from_pairs(FRAME[["en", "en", "de"]], source="en", target="de")
    for call in (
        lambda: LabelledText(FRAME, ["a", "b"]),
        lambda: LabelledText(TEXTS, FRAME),
        lambda: ParallelText.from_lists(FRAME, TEXTS),
        lambda: TaggedText(FRAME, [["O"]]),
        lambda: CaptionedImages(FRAME, TEXTS),
        lambda: QuestionAnswers(FRAME),
        lambda: WordTokenizer.train(FRAME),
        lambda: SentencePieceTokenizer.train_pair(FRAME, 10),
        lambda: check_lines(FRAME),
        lambda: label_scores(FRAME, TEXTS),
        lambda: TranslationMetrics(None, FRAME),
    ):
        with pytest.raises(ValueError, match="a DataFrame, which is read as its keys"):
            call()


MISSING = {
    "objects": [pd.Series(["a", None], dtype=object), None],
    "strings": [pd.Series(["a", None]), None],
    "nullable": [pd.Series(["a", None], dtype="string"), pd.NA],
    "pyarrow": [pd.Series(["a", None], dtype=pd.ArrowDtype(pyarrow.string())), pd.NA],
    "categorical": [pd.Series(["a", None], dtype="category"), None],
    "numbers": [pd.Series(["a", 3.5], dtype=object), 3.5],
    "time": [pd.Series(["a", pd.NaT], dtype=object), pd.NaT],
}


@pytest.mark.parametrize("column, value", MISSING.values(), ids=MISSING)
def test_a_missing_value_of_pandas_is_named_by_its_row(column, value):
    frame = pd.DataFrame({"text": column, "label": ["x", "y"]})
    with pytest.raises(ValueError, match=r"received .* as text 2 \("):
        LabelledText(column, ["x", "y"])
    with pytest.raises(ValueError, match=r"received .* as pair 2 \("):
        ParallelText.from_lists(["a", "b"], column)
    with pytest.raises(ValueError, match=r"received .* as 'text' in row 2"):
        LabelledText.from_rows(frame, "text", "label")
    with pytest.raises(ValueError, match=r"received .* as 'text' in pair 2|as pair 2"):
        ParallelText.from_pairs(frame, source="text", target="label")
    if not isinstance(value, float):
        with pytest.raises(ValueError, match=r"received .* as label 2"):
            LabelledText(["a", "b"], column)


def test_labels_of_every_kind_that_pandas_has():
    for labels, expected in (
        (pd.Series([1, 0]), ["1", "0"]),
        (pd.Series([1, 0], dtype="Int8"), ["1", "0"]),
        (pd.Series([1, 0], dtype="category"), ["1", "0"]),
        (pd.Series([1, 0], dtype=pd.ArrowDtype(pyarrow.int32())), ["1", "0"]),
        (pd.Series(["b", "a"], dtype="category", index=[1, 0]), ["b", "a"]),
        (pd.Series([0.5, 2.0], dtype="Float64"), [0.5, 2.0]),
        (pd.Series([["b", "a"], []]), [["a", "b"], []]),
        (tf.constant(["b", "a"]), ["b", "a"]),
        (tf.constant([1, 0]), ["1", "0"]),
        (np.array([b"b", b"a"]), ["b", "a"]),
    ):
        assert list(LabelledText(TEXTS, labels).labels()) == expected
    for labels in (
        pd.Series([1, None], dtype="Int8"),
        pd.Series([1, np.nan]),
        pd.Series(["a", None], dtype="category"),
    ):
        with pytest.raises(ValueError, match="as label 2"):
            LabelledText(TEXTS, labels)


def test_data_sets_of_tensorflow_and_generators():
    data = tf.data.Dataset.from_tensor_slices((TEXTS, ["x", "y"]))
    assert list(LabelledText.from_pairs(data)) == [("a dog", "x"), ("two cats", "y")]
    data = tf.data.Dataset.from_tensor_slices((TEXTS, [1, 0])).map(
        lambda text, label: (text, label)
    )
    assert list(LabelledText.from_pairs(data).labels()) == ["1", "0"]
    assert list(LabelledText.from_pairs(iter(zip(TEXTS, [0.5, 1.5], strict=True))).labels()) == [
        0.5,
        1.5,
    ]
    data = tf.data.Dataset.from_tensor_slices({"text": TEXTS, "label": [1, 0]})
    assert list(LabelledText.from_rows(data, "text", "label").labels()) == ["1", "0"]
    data = tf.data.Dataset.from_tensor_slices({"en": TEXTS, "de": TEXTS})
    assert len(ParallelText.from_pairs(data, source="en", target="de")) == 2
    once = iter(PAIRS)
    corpus = ParallelText.from_pairs(once)
    assert list(corpus) == list(corpus) == PAIRS and list(once) == []
    for wrong in ([("a", "b", "c")], ["ab"], [{"text": "a", "label": "b"}], [("a",)], "ab", FRAME):
        with pytest.raises(ValueError, match="Expected"):
            LabelledText.from_pairs(wrong)
