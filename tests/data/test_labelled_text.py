"""Labelled and tagged text to batches."""

import gzip
import re

import numpy as np
import pytest

from kerasseq.data import LabelledText, TaggedText

TEXTS = ["good film", "bad", "a very very good film", "not good"] * 5
LABELS = ["1", "0", "1", "0"] * 5


def encode(text):
    return [4 + len(word) for word in text.split()]


def test_batches_keep_every_text_and_its_label():
    corpus = LabelledText(TEXTS, LABELS)
    batches = corpus.batches(encode, ["0", "1"], 6, shuffle=True)
    seen = []
    for inputs, labels in batches:
        assert inputs["tokens"].dtype == labels.dtype == "int32"
        for tokens, label in zip(inputs["tokens"].numpy(), labels.numpy(), strict=True):
            seen.append((tuple(tokens[tokens != 0].tolist()), str(label)))
    assert sorted(seen) == sorted((tuple(encode(text)), label) for text, label in corpus)
    assert len(list(batches)) == len(batches)
    with pytest.raises(ValueError, match="received '1'"):
        corpus.batches(encode, ["0"], 6)


def test_files_are_read(tmp_path):
    (tmp_path / "lines.txt").write_text("1 a good film\n0 bad\n", encoding="utf-8")
    corpus = LabelledText.from_lines(tmp_path / "lines.txt")
    assert list(corpus) == [("a good film", "1"), ("bad", "0")]
    with gzip.open(tmp_path / "news.csv.gz", "wt", encoding="utf-8") as file:
        file.write('"3","A, b","It said \\n ""so"" "\n"1","C","D"\n')
    corpus = LabelledText.from_csv(tmp_path / "news.csv.gz", text_columns=(1, 2))
    assert [label for _, label in corpus] == ["3", "1"] and corpus.label_names() == ["1", "3"]
    assert next(corpus.texts()).startswith("A, b It said") and len(corpus.take(1)) == 1


BOM = "\ufeff"


def test_a_byte_order_mark_is_no_part_of_a_label(tmp_path):
    path = tmp_path / "file"
    path.write_text(f"{BOM}1 good\n", encoding="utf-8")
    assert list(LabelledText.from_lines(path)) == [("good", "1")]
    path.write_text(f"{BOM}1,good\n", encoding="utf-8")
    assert list(LabelledText.from_csv(path)) == [("good", "1")]
    path.write_text(f"{BOM}\nAnna\tB-person\n", encoding="utf-8")
    assert list(TaggedText.from_conll(path)) == [(["Anna"], ["B-person"])]
    path.write_text(f"{BOM}Anna\tB-person\n", encoding="utf-8")
    assert list(TaggedText.from_conll(path, 1, 0)) == [(["B-person"], ["Anna"])]


def test_a_field_of_a_table_may_be_long_and_hold_lines(tmp_path):
    text = "word " * 100_000 + "end"
    (tmp_path / "long.csv").write_text(f'1,{text}\r\n2,"a\r\nb\nc"\r\n', encoding="utf-8")
    corpus = LabelledText.from_csv(tmp_path / "long.csv")
    assert list(corpus) == [(text, "1"), ("a b c", "2")]


def test_whole_numbers_are_names_and_other_numbers_are_values():
    corpus = LabelledText(["a"] * 4, np.array([10, 2, 0, 2]))
    assert list(corpus.labels()) == ["10", "2", "0", "2"]
    assert corpus.label_names() == ["0", "2", "10"] and len(corpus.take(1)) == 1
    assert LabelledText(["a"] * 3, ["b", "1", "a"]).label_names() == ["1", "a", "b"]
    assert list(LabelledText(["a"], [[2, 10]]).labels()) == [["10", "2"]]
    (value,) = LabelledText(["a"], np.array([0.5], "float32")).labels()
    assert value == 0.5 and type(value) is float
    assert list(LabelledText(["a"], np.array([b"1"])).labels()) == ["1"]
    for label in (True, np.True_, None, b"\xfc", [0.5], [[1]]):
        with pytest.raises(ValueError, match=re.escape(f"received {label!r}")):
            LabelledText(["a"], [label])


def test_conll_files_are_read_and_padded(tmp_path):
    path = tmp_path / "tagged.conll"
    path.write_text("Anna\tB-person\nran\tO\n\n\nRome\tB-location\n", encoding="utf-8")
    corpus = TaggedText.from_conll(path)
    assert corpus.sentences == [["Anna", "ran"], ["Rome"]]
    assert corpus.tag_names() == ["O", "B-location", "B-person"]
    # A row as WordPiece makes it: a symbol before and after, every word cut in two.
    batches = corpus.batches(
        lambda words: ([1, *[7, 8] * len(words), 2], [1 + 2 * i for i in range(len(words))]),
        corpus.tag_names(),
        2,
    )
    rows = [
        (tokens[tokens != 0].tolist(), row[weight > 0].tolist(), tokens[weight > 0].tolist())
        for inputs, tags, weights in batches
        for tokens, row, weight in zip(
            inputs["tokens"].numpy(), tags.numpy(), weights.numpy(), strict=True
        )
    ]
    assert sorted(rows) == [
        ([1, 7, 8, 2], [1], [7]),
        ([1, 7, 8, 7, 8, 2], [2, 0], [7, 7]),
    ]


def test_a_label_that_its_reader_does_not_know_is_named_by_its_row(tmp_path):
    (tmp_path / "labels.csv").write_text("text,label\na,1\nb,x\n", encoding="utf-8")
    for read_label in (float, {"1": "one"}.__getitem__):
        with pytest.raises(ValueError, match=r"column label of row 3 of .*received 'x'"):
            LabelledText.from_csv(tmp_path / "labels.csv", read_label=read_label)
    (tmp_path / "labels.csv").write_text("text,label\na,1\nb,nan\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"received nan as the label in row 3 of .*labels\.csv"):
        LabelledText.from_csv(tmp_path / "labels.csv", read_label=float)


def test_values_and_named_labels_may_all_differ(tmp_path):
    path = tmp_path / "values.csv"
    rows = "".join(f"{n / 8},text {n}\n" for n in range(6))
    path.write_text(rows, encoding="utf-8")
    assert list(LabelledText.from_csv(path, read_label=float).labels()) == [n / 8 for n in range(6)]
    path.write_text(f"label,text\n{rows}", encoding="utf-8")
    assert len(LabelledText.from_csv(path).label_names()) == 6


def test_a_part_is_read_as_the_whole_is():
    corpus = LabelledText(["a  b", "c", "d"], ["x", "y", "x"]).with_whitespace()
    assert next(corpus.take(2).texts()) == "a  b" and len(corpus.take(2)) == 2
    assert sum(map(len, corpus.split(np.float32(0.4)))) == 3
    for count in (0, -1, 1.5, True, None):
        with pytest.raises(ValueError, match=f"count as a whole .*received {count}"):
            corpus.take(count)


def test_real_text_is_read_whole(data_folder):
    if data_folder is None:
        pytest.skip("no data folder: name one in KERASSEQ_DATA")
    sst2 = LabelledText.from_lines(data_folder / "sst2" / "train.txt")
    assert len(sst2) == 6920 and sst2.label_names() == ["0", "1"]
    news = LabelledText.from_csv(data_folder / "ag_news" / "test.csv.gz", (1, 2))
    assert len(news) == 7600 and np.unique(list(news.labels()), return_counts=True)[1].min() == 1900
    wnut = TaggedText.from_conll(data_folder / "wnut17" / "train.conll")
    assert len(wnut.tag_names()) == 13 and len(wnut) > 3000


def test_bad_input_gets_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="received 1 texts and 0 labels"):
        LabelledText(["a"], [])
    with pytest.raises(ValueError, match="received 0 texts"):
        LabelledText([], [])
    with pytest.raises(FileNotFoundError, match=r"Expected .*missing\.csv"):
        LabelledText.from_csv(tmp_path / "missing.csv")
    for texts in (["a", ("b", "c")], [("b",)], [("a", "b"), ("a", "b", "c")]):
        with pytest.raises(ValueError, match="str.*received .*'[ab]'"):
            LabelledText(texts, ["1"] * len(texts))
    for labels in (["good", 0.5], [1, 0.5], ["good", ["good"]]):
        with pytest.raises(ValueError, match="labels.*received .* and "):
            LabelledText(["a", "b"], labels)
    (tmp_path / "good.csv").write_text("1,a\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"received \('a',\) among them"):
        LabelledText.from_csv(tmp_path / "good.csv", pairs=True, header=False)
    (tmp_path / "one.txt").write_text("alone\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1 .*one\.txt; received 'alone'"):
        LabelledText.from_lines(tmp_path / "one.txt")
    with pytest.raises(ValueError, match="at most 0 in"):
        LabelledText.from_csv(tmp_path / "one.txt")
    with pytest.raises(ValueError, match=r"line 1 .*one\.txt; received 'alone'"):
        TaggedText.from_conll(tmp_path / "one.txt")
    (tmp_path / "tagged.txt").write_text("Anna O\n", encoding="utf-8")
    for columns in ({"tag_column": 7}, {"word_column": -3}):
        with pytest.raises(ValueError, match="line 1 .*received 'Anna O'"):
            TaggedText.from_conll(tmp_path / "tagged.txt", **columns)
    whole = gzip.compress(b"1,a good film\n" * 50)
    for content in (b"1,plain\n", whole[:-10]):
        (tmp_path / "damaged.csv.gz").write_bytes(content)
        with pytest.raises(ValueError, match=r"damaged\.csv\.gz"):
            LabelledText.from_csv(tmp_path / "damaged.csv.gz")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    for read in (LabelledText.from_lines, TaggedText.from_conll):
        with pytest.raises(ValueError, match=r"empty\.txt; received none"):
            read(tmp_path / "empty.txt")
    with pytest.raises(ValueError, match="sentence 1"):
        TaggedText([["a", "b"]], [["O"]])
    with pytest.raises(ValueError, match="received 1 sentences and 2 rows"):
        TaggedText([["a"]], [["O"], ["O"]])
    with pytest.raises(ValueError, match="received 'B-x'"):
        TaggedText([["a"]], [["B-x"]]).batches(encode, ["O"], 1)
