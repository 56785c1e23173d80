"""What batches drop or cut is said: in the log, and above 1 % as a warning with what to change."""

import logging
import warnings

import pytest

from kerasseq.data import ParallelText, describe_batches
from kerasseq.text import WordTokenizer

WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", "w"])
SHORT, LONG = ("w w", "w"), ("w " * 30, "w")


def corpus(short, long, empty=0):
    return ParallelText.from_pairs([SHORT] * short + [LONG] * long + [("w", " ")] * empty)


def test_many_long_pairs_are_a_warning():
    with pytest.warns(UserWarning) as said:
        batches = corpus(36, 364).batches(WORDS, WORDS, batch_size=8, max_length=20)
    assert [str(each.message) for each in said] == [
        "Expected 400 pairs of at most max_length=20 tokens a side; received 364 of 400 (91.0%) "
        "longer ones, which are dropped. Raise max_length (the longest side has 31 tokens), or "
        'pass too_long="truncate".'
    ]
    assert said[0].filename == __file__
    assert describe_batches(batches)["pairs"] == 36
    with pytest.warns(UserWarning, match=r"91\.0%\) longer ones, which are cut\. Raise max_len"):
        batches = corpus(36, 364).batches(
            WORDS, WORDS, batch_size=8, max_length=20, too_long="truncate", cache=True
        )
    assert describe_batches(batches)["pairs"] == 400
    assert max(shape[1] for shape in describe_batches(batches)["shapes"]) == 20


def test_each_side_has_a_length_of_its_own():
    pairs = ParallelText.from_pairs(
        [("w " * 30, "w w"), ("w", "w"), ("w", "w " * 8), ("w " * 40, "w")]
    )
    with pytest.warns(UserWarning, match=r"max_length=\(31, 5\) tokens .* 2 of 4 .*dropped"):
        kept = pairs.batches(WORDS, WORDS, batch_size=1, max_length=(31, 5))
    shapes = describe_batches(kept)["shapes"]
    assert sorted(shape[1:] for shape in shapes) == [(2, 2), (31, 3)]
    with pytest.warns(UserWarning, match="cut"):
        cut = pairs.batches(
            WORDS, WORDS, tokens_per_batch=31, max_length=(31, 5), too_long="truncate"
        )
    report = describe_batches(cut)
    assert report["pairs"] == 4 and report["target_tokens"] == 3 + 2 + 5 + 2
    with pytest.raises(ValueError, match=r"tokens_per_batch .*max_length=\(31, 5\).*received 30"):
        pairs.batches(WORDS, WORDS, tokens_per_batch=30, max_length=(31, 5))


def test_empty_sides_are_a_warning():
    with pytest.warns(UserWarning, match=r"text on both sides of 100 pairs; received 10 of 100"):
        corpus(90, 0, 10).batches(WORDS, WORDS, batch_size=8)


def test_few_are_logged_and_none_is_silent(caplog):
    with warnings.catch_warnings(), caplog.at_level(logging.INFO, "kerasseq"):
        warnings.simplefilter("error")
        batches = corpus(997, 2, 1).batches(WORDS, WORDS, batch_size=8, max_length=20)
        assert caplog.messages == [
            "2 of 1,000 (0.2%) pairs are longer than max_length=20 tokens and are dropped",
            "1 of 1,000 (0.1%) pairs have an empty side and are dropped",
        ]
        assert describe_batches(batches)["pairs"] == 997
        caplog.clear()
        corpus(100, 0).batches(WORDS, WORDS, batch_size=8, max_length=20)
        assert caplog.messages == []


def test_a_long_corpus_is_measured_at_its_beginning(monkeypatch):
    monkeypatch.setattr("kerasseq.data.pair_batches.PAIRS_MEASURED", 100)
    with pytest.warns(UserWarning, match="Expected the first 100 pairs of at most"):
        batches = corpus(90, 400).batches(WORDS, WORDS, batch_size=8, max_length=20)
    assert describe_batches(batches)["pairs"] == 90


def test_nothing_left_is_refused():
    with (
        pytest.warns(UserWarning, match="which are dropped"),
        pytest.raises(ValueError, match="received none in 5 lines"),
    ):
        corpus(0, 5).batches(WORDS, WORDS, batch_size=8, max_length=20)
