"""ROUGE is what its paper counts, and says where it counts nothing."""

import sys

import pytest

from kerasseq.metrics import rouge_scores


def test_rouge_counts_words_pairs_and_the_longest_common_subsequence():
    found = rouge_scores(["the cat lay on the mat"], ["The cat sat on the mat."])
    assert found == pytest.approx({"rouge1": 100 * 5 / 6, "rouge2": 60.0, "rougeL": 100 * 5 / 6})
    turned = rouge_scores(["on the mat the cat"], ["the cat on the mat"])
    assert turned["rouge1"] == pytest.approx(100) and turned["rougeL"] == pytest.approx(60)


def test_an_f_measure_asks_for_both_and_the_texts_count_alike():
    (half,) = {rouge_scores(["he waits here and there"], ["he waits"])["rouge1"]}
    assert half == pytest.approx(100 * 2 * (2 / 5) / (2 / 5 + 1))
    both = rouge_scores(["he waits here and there", "yes"], ["he waits", "no"])
    assert both["rouge1"] == pytest.approx(half / 2)


def test_words_are_compared_by_their_stems():
    assert rouge_scores(["waiting", ""], ["waits", "waits"])["rouge1"] == pytest.approx(50)


def test_letters_that_rouge_does_not_count_are_warned_of():
    with pytest.warns(UserWarning, match="letters a to z.*received 0 of 9 letters.*Read chrf"):
        assert rouge_scores(["кошка спит"], ["кошка спит"])["rouge1"] == 0


def test_without_rouge_score_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rouge_score", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasseq\[rouge\]'"):
        rouge_scores(["a"], ["a"])
