"""What batches drop or cut is said: in the log, and above 1 % as a warning with what to change."""

import logging
import re
import warnings

import pytest

from kerasseq import TextClassifier, TokenClassifier
from kerasseq.data import LabelledText, MaskedText, ParallelText, TaggedText, describe_batches
from kerasseq.models import RecurrentTextEncoder, SequenceClassifier, SequenceTagger
from kerasseq.text import WordPieceTokenizer, WordTokenizer

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


def test_labelled_texts_that_are_cut_are_a_warning(caplog):
    size = WORDS.vocabulary_size
    classifier = TextClassifier(
        SequenceClassifier(RecurrentTextEncoder(size, 4, 4), 2), WORDS, ["x", "y"], 5
    )
    tagger = TokenClassifier(SequenceTagger(RecurrentTextEncoder(size, 4, 4), 1), WORDS, ["O"], 5)
    texts = ["w w", "w " * 9, "w", "w " * 12]
    sentences = [text.split() for text in texts]
    said = "of at most max_length=5 tokens; received 2 of 4 (50.0%) longer ones, of which the rest,"
    for task, corpus in (
        (classifier, LabelledText(texts, list("xyxy"))),
        (tagger, TaggedText(sentences, [["O"] * len(words) for words in sentences])),
    ):
        with pytest.warns(UserWarning, match=re.escape(said) + " up to 7 tokens, is not learned"):
            task.batches(corpus, 2)
    with warnings.catch_warnings(), caplog.at_level(logging.INFO, "kerasseq"):
        warnings.simplefilter("error")
        classifier.batches(LabelledText(["w"] * 199 + [texts[1]], ["x"] * 200), 8)
        assert caplog.messages == [
            "1 of 200 (0.5%) texts are longer than max_length=5 tokens and are cut"
        ]


def test_texts_to_mask_that_are_empty_or_cut_are_said():
    pieces = WordPieceTokenizer.train(["a film"], 20)
    with pytest.warns(UserWarning) as said:
        corpus = MaskedText(["film", "", " \u200b ", "a film " * 9], pieces, 8)
    assert len(corpus) == 2 and all(len(row) > 2 for row in corpus.rows)
    assert [str(each.message)[:70] for each in said] == [
        "Expected something to read in each of 4 texts; received 2 of 4 (50.0%)",
        "Expected 2 texts of at most max_length=8 tokens; received 1 of 2 (50.0",
    ]


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
    monkeypatch.setattr("kerasseq.data.pair_batches.MEASURED", 100)
    with pytest.warns(UserWarning, match="Expected the first 100 pairs of at most"):
        batches = corpus(90, 400).batches(WORDS, WORDS, batch_size=8, max_length=20)
    assert describe_batches(batches)["pairs"] == 90


def test_nothing_left_is_refused():
    with (
        pytest.warns(UserWarning, match="which are dropped"),
        pytest.raises(ValueError, match="received none in 5 lines"),
    ):
        corpus(0, 5).batches(WORDS, WORDS, batch_size=8, max_length=20)
