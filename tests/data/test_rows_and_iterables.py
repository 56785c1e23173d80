"""What an iterable of texts is, and rows that are mappings: read by name, or refused."""

import numpy as np
import pyarrow
import pytest
import tensorflow as tf

from kerasseq.data import LabelledText, ParallelText, TaggedText
from kerasseq.text.checks import check_lines

PAIRS = [("a dog", "ein Hund"), ("two cats", "zwei Katzen")]
TEXTS = [source for source, _ in PAIRS]


class Series:
    """As pandas holds a column: an array with keys."""

    def __init__(self, values):
        self.values = np.array(values, object)
        self.shape = self.values.shape

    def keys(self):
        return range(len(self.values))

    def __iter__(self):
        return iter(self.values)

    def tolist(self):
        return self.values.tolist()


class Frame:
    """As pandas holds a table: its iterator gives the columns' names."""

    columns = ("text", "label")

    def __iter__(self):
        return iter(self.columns)


HOLDERS = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "unicode array": np.array,
    "bytes array": lambda texts: np.array([text.encode() for text in texts]),
    "object array": lambda texts: np.array(texts, object),
    "series": Series,
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
        (Frame(), "received a Frame, which is read as its keys"),
        (set(TEXTS), "received a set, which has no order"),
    ],
    ids=["str", "bytes", "int", "None", "array", "tensor", "dict", "frame", "set"],
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
