"""Two parts of a corpus: seeded, of every label alike, disjoint where it is asked."""

import collections

import pytest

from kerasseq.data import LabelledText, ParallelText, Question, QuestionAnswers, TaggedText

CORPORA = {
    "labelled": LabelledText([f"text {n}" for n in range(100)], ["a"] * 50 + ["b"] * 50),
    "parallel": ParallelText.from_pairs([(f"source {n}", f"target {n}") for n in range(100)]),
    "tagged": TaggedText([[f"word{n}", "x"] for n in range(100)], [["O", "O"]] * 100),
    "answered": QuestionAnswers([Question(f"who {n}?", f"context {n}", []) for n in range(100)]),
}


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA.keys())
def test_every_row_is_in_one_part_and_the_seed_draws_them(corpus):
    rows = sorted(map(repr, corpus))
    seen = []
    for seed in (0, 0, 1):
        first, second = corpus.split(0.25, seed=seed)
        assert type(first) is type(second) is type(corpus)
        assert (len(first), len(second)) == (75, 25)
        assert sorted(map(repr, [*first, *second])) == rows
        seen.append(list(map(repr, second)))
    assert seen[0] == seen[1] != seen[2]
    assert 5 < sum(row in rows[-50:] for row in seen[0]) < 20  # from all over the file
    for share in (0, 1, 1.5, "0.1", True, None):
        with pytest.raises(ValueError, match="a share to hold out, above 0 and below 1; received"):
            corpus.split(share)
    with pytest.raises(TypeError):
        corpus.split(0.25, 1)


def test_every_label_has_its_share():
    labels = ["bad"] * 200 + ["good"] * 100 + ["odd"] * 10 + ["once"]
    corpus = LabelledText([f"text {n}" for n in range(len(labels))], labels)
    for seed in range(5):
        first, second = corpus.split(0.1, seed=seed)
        counts = collections.Counter(second.labels())
        assert counts == {"bad": 20, "good": 10, "odd": 1}
        assert first.label_names() == corpus.label_names()
        assert list(second.labels()) != sorted(second.labels())  # nor sorted within a part
    several = LabelledText(["a"] * 40, [["x"]] * 20 + [["x", "rare"]] * 10 + [[]] * 10)
    _, second = several.split(0.2)
    assert sorted(collections.Counter(map(tuple, second.labels())).values()) == [2, 2, 4]
    values = LabelledText([f"{n}" for n in range(40)], [n / 40 for n in range(40)])
    assert [len(part) for part in values.split(0.25)] == [30, 10]


def test_equal_texts_stay_together_where_it_is_asked():
    pairs = [(f"source {n // 3}", f"target {n}") for n in range(90)]
    pairs += [(f"other {n}", f"target {n // 2 + 100}") for n in range(60)]
    corpus = ParallelText.from_pairs(pairs)
    for seed in range(3):
        first, second = corpus.split(0.2, seed=seed, disjoint=True)
        assert not set(first.sources()) & set(second.sources())
        assert not set(first.targets()) & set(second.targets())
        assert len(first) + len(second) == 150 and 25 <= len(second) <= 35
        plain = corpus.split(0.2, seed=seed)
        assert set(plain[0].sources()) & set(plain[1].sources())
    texts = LabelledText([f"text {n // 2}" for n in range(80)], ["a", "b"] * 40)
    first, second = texts.split(0.25, disjoint=True)
    assert not set(first.texts()) & set(second.texts()) and len(second) == 20
    words = TaggedText([[f"word{n // 2}"] for n in range(80)], [["O"]] * 80)
    first, second = words.split(0.25, disjoint=True)
    assert not set(first.words()) & set(second.words())
    asked = QuestionAnswers([Question(f"who {n}?", f"context {n // 4}", []) for n in range(80)])
    first, second = asked.split(0.25, disjoint=True)
    assert not {each.context for each in first} & {each.context for each in second}


def test_parts_that_stay_empty_are_refused():
    with pytest.raises(ValueError, match="rows for both parts; received 2 rows in 2 groups"):
        ParallelText.from_pairs([("a", "b"), ("c", "d")]).split(0.1)
    with pytest.raises(ValueError, match="received 4 rows in 1 groups"):
        LabelledText(["same"] * 4, ["a", "b"] * 2).split(0.5, disjoint=True)


def test_parts_of_a_file_stream_and_are_disjoint_in_the_graph_too(tmp_path):
    path = tmp_path / "lines"
    path.write_text("".join(f"line {n}\n" for n in range(50)))
    first, second = ParallelText.from_files(path, path).split(0.2)
    both = [[s.decode() for s, _ in part.strings().as_numpy_iterator()] for part in (first, second)]
    assert [len(part) for part in both] == [40, 10]
    assert both == [list(first.sources()), list(second.sources())]
    assert sorted(both[0] + both[1]) == sorted(path.read_text().splitlines())
