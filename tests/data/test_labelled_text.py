"""Labelled and tagged text to batches."""

import gzip

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
    first, second = LabelledText(TEXTS, LABELS).split(0.25)
    assert (len(first), len(second)) == (15, 5)


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


def test_real_text_is_read_whole(data_folder):
    if data_folder is None:  # what a data folder would add is the size
        return
    sst2 = LabelledText.from_lines(data_folder / "sst2" / "train.txt")
    assert len(sst2) == 6920 and sst2.label_names() == ["0", "1"]
    news = LabelledText.from_csv(data_folder / "ag_news" / "test.csv.gz", (1, 2))
    assert len(news) == 7600 and np.unique(list(news.labels()), return_counts=True)[1].min() == 1900
    wnut = TaggedText.from_conll(data_folder / "wnut17" / "train.conll")
    assert len(wnut.tag_names()) == 13 and len(wnut) > 3000


def test_bad_input_gets_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="1 texts and 0 labels"):
        LabelledText(["a"], [])
    with pytest.raises(ValueError, match="at least one text"):
        LabelledText([], [])
    with pytest.raises(FileNotFoundError, match="CSV file"):
        LabelledText.from_csv(tmp_path / "missing.csv")
    (tmp_path / "one.txt").write_text("alone\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        LabelledText.from_lines(tmp_path / "one.txt")
    with pytest.raises(ValueError, match="row 1"):
        LabelledText.from_csv(tmp_path / "one.txt")
    with pytest.raises(ValueError, match="line 1"):
        TaggedText.from_conll(tmp_path / "one.txt")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    for read in (LabelledText.from_lines, TaggedText.from_conll):
        with pytest.raises(ValueError, match="at least one"):
            read(tmp_path / "empty.txt")
    with pytest.raises(ValueError, match="unequal in sentence 1"):
        TaggedText([["a", "b"]], [["O"]])
    with pytest.raises(ValueError, match="1 sentences and 2 rows"):
        TaggedText([["a"]], [["O"], ["O"]])
    with pytest.raises(ValueError, match="'B-x'"):
        TaggedText([["a"]], [["B-x"]]).batches(encode, ["O"], 1)
