"""What the doctor says of labelled texts, fault by fault, and nothing of clean ones."""

import random

import pytest

from kerasseq.data import LabelledText
from kerasseq.doctor import examine_labels, scripts


def rows(count, seed, labels=("bad", "good")):
    drawn = random.Random(seed)
    return [
        (f"text {drawn.randrange(10**9)} of {seed}", labels[i % len(labels)]) for i in range(count)
    ]


TRAIN, VALIDATION = rows(400, 1), rows(200, 2)


def names(train=TRAIN, validation=VALIDATION):
    return [each.name for each in examine_labels(train, validation)]


def test_clean_texts_few_texts_values_and_several_labels_say_nothing():
    assert names() == []
    assert examine_labels(TRAIN[:99]) == []
    assert examine_labels([(text, 0.5) for text, _ in TRAIN]) == []
    assert examine_labels(LabelledText([t for t, _ in TRAIN], [[each] for _, each in TRAIN])) == []
    assert examine_labels([((text, "b"), label) for text, label in TRAIN]) == []


@pytest.mark.parametrize(
    ("train", "validation", "name", "figure"),
    [
        (TRAIN + [("", "bad")] * 20, VALIDATION, "empty texts", "20 of 420"),
        (TRAIN + TRAIN[:60], VALIDATION, "repetitions", "60 of 460"),
        (TRAIN + [(text, "good") for text, label in TRAIN if label == "bad"][:30], VALIDATION,
         "contradictions", "60 of 430"),
        ([*((text, "good") for text, _ in TRAIN), *rows(3, 3, ["bad"])], [], "one label",
         "400 of 403"),
        ([*TRAIN, ("seldom", "odd")], VALIDATION, "rare labels", "fewer of 1 of 3 labels, 'odd'"),
        (TRAIN, VALIDATION + TRAIN[:10], "overlap", "10 of 210"),
        (TRAIN, [*VALIDATION, ("new", "odd"), ("other", "even")], "unseen labels",
         "'even' and 1 others"),
    ],
)  # fmt: skip
def test_each_fault_is_told_by_its_name_and_its_number(train, validation, name, figure):
    found = {each.name: each.sentence for each in examine_labels(train, validation)}
    assert figure in found[name]
    assert set(found) <= {name, "repetitions"}


def test_real_texts_are_clean(data_folder):
    if data_folder is None:
        pytest.skip("No data folder.")
    read = LabelledText.from_lines
    parts = (read(data_folder / "sst2" / f"{part}.txt") for part in ("train", "dev"))
    assert examine_labels(*parts) == []
    news = LabelledText.from_csv(data_folder / "ag_news" / "test.csv.gz", (1, 2))
    assert examine_labels(*news.split(0.1, disjoint=True)) == []


def test_scripts_are_told_by_letters():
    assert scripts(["a dog", "ein Hund"]) == ["LATIN"]
    assert scripts(["собака a", "кошка спит"]) == ["CYRILLIC", "LATIN"]
    assert scripts(["1 2 !"]) == [] and scripts(["漢字かな"]) == ["CJK", "HIRAGANA"]
