"""A language model of n-grams: a distribution, smoothed as its paper says, that kenlm reads."""

import itertools
import math
import sys

import kenlm
import pytest

from kerasseq.text import NGramModel

LINES = ["a b a b c", "b c a", "c a b", "a a c d", "d b c a", ""]
WORDS = ["a", "b", "c", "d", "</s>", "<unk>"]


@pytest.mark.parametrize("order", [2, 3, 4])
def test_what_may_follow_any_words_has_probability_one(tmp_path, order):
    NGramModel.estimate(LINES, tmp_path / "words.arpa", order)
    model = kenlm.Model(str(tmp_path / "words.arpa"))
    assert model.order == order
    for history in itertools.product(["a", "b", "c", "d", "unseen"], repeat=2):
        for begin in (model.BeginSentenceWrite, model.NullContextWrite):
            state, behind = kenlm.State(), kenlm.State()
            begin(state)
            for word in history:
                model.BaseScore(state, word, behind)
                state, behind = behind, state
            total = sum(10 ** model.BaseScore(state, word, behind) for word in WORDS)
            assert total == pytest.approx(1, abs=1e-4), (history, begin)


def test_two_lines_by_hand(tmp_path):
    """All is seen once, so a half is taken off each count (too little text for other discounts)."""
    model = NGramModel.estimate(["a b", "a c"], tmp_path / "words.arpa", 2)
    # Words to the left: a has <s>, b and c have a, the end has b and c; five in all.
    taken = (4 - 1) * 0.5 / 5 + 1.0 / 5
    unigram = {
        "a": 0.5 / 5 + taken / 5, "b": 0.5 / 5 + taken / 5, "</s>": 1 / 5 + taken / 5,
    }  # fmt: skip
    a = (2 - 1.0) / 2 + 1.0 / 2 * unigram["a"]  # of <s>, seen twice
    b = (1 - 0.5) / 2 + 2 * 0.5 / 2 * unigram["b"]
    end = (1 - 0.5) / 1 + 0.5 * unigram["</s>"]
    assert model.score(["a b"]) == pytest.approx([math.log(a * b * end)], abs=1e-4)
    unknown = math.log((2 * 0.5 / 2) * taken / 5)
    wrong = math.log(a) + unknown + math.log(unigram["</s>"])
    assert model.score(["a x"]) == pytest.approx([wrong], abs=1e-4)
    assert model.perplexity(["a b"]) == pytest.approx((a * b * end) ** (-1 / 3), rel=1e-4)
    assert model.order == 2


def test_discounts_come_from_counts_of_counts(tmp_path):
    """Of counts seen 8, 4, 2 and 1 times: `Y` 1/2, and 1/2, 5/4 and 2 are taken off."""
    words = [f"w{n}" for n in range(15)]
    times = [1] * 8 + [2] * 4 + [3] * 2 + [4]
    lines = [word for word, count in zip(words, times, strict=True) for _ in range(count)]
    path = tmp_path / "words.arpa"
    NGramModel.estimate(lines, path, 2)
    rows = [line.split("\t") for line in path.read_text().splitlines() if "\t" in line]
    found = {gram: 10 ** float(value) for value, gram, *_ in rows}
    left = (8 * 0.5 + 4 * 1.25 + 3 * 2) / 26
    for word, count, taken in (("w0", 1, 0.5), ("w8", 2, 1.25), ("w12", 3, 2), ("w14", 4, 2)):
        expected = (count - taken) / 26 + left * found[word]
        assert found[f"<s> {word}"] == pytest.approx(expected, rel=1e-4)


def test_longer_grams_tell_more(tmp_path, number_text):
    train, validation, _ = number_text
    lines = [source for source, _ in validation]
    of = [
        NGramModel.estimate((source for source, _ in train), tmp_path / f"{order}.arpa", order)
        for order in (2, 3)
    ]
    assert of[1].perplexity(lines) < of[0].perplexity(lines) < 20


def test_what_is_no_model_gets_a_sentence(tmp_path, monkeypatch):
    path = tmp_path / "words.arpa"
    with pytest.raises(FileNotFoundError, match=r"received no file.*NGramModel\.estimate"):
        NGramModel(path)
    path.write_text("some text\n")
    with pytest.raises(ValueError, match="ARPA file, or a binary one of kenlm"):
        NGramModel(path)
    for lines, order, said in (
        (["a </s>"], 3, "received </s>"),
        ([""], 3, "received no word"),
        (["a"], 7, "at most 6"),
        (["a"], 1, "order"),
        ("a b", 3, "Put a single one into a list"),
    ):
        with pytest.raises(ValueError, match=said):
            NGramModel.estimate(lines, tmp_path / "other.arpa", order)
    assert not (tmp_path / "other.arpa").exists()
    model = NGramModel.estimate(["a"], path, 2)
    with pytest.raises(ValueError, match="received none"):
        model.perplexity([])
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasseq\[kenlm\]'"):
        NGramModel(path)
