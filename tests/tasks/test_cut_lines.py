"""A line that is too long ends with the end symbol, wherever it is cut."""

import pytest

from kerasseq import Translator
from kerasseq.data import ParallelText
from kerasseq.models import AttentionSeq2Seq, RecurrentSeq2Seq
from kerasseq.text import WordTokenizer

WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", "w4", "w5", "w6", "w7"])
LONG = "w4 w5 w6 w7 w4 w5"


def test_a_cut_source_keeps_its_end_symbol():
    model = RecurrentSeq2Seq(8, 8, 4, 4, 1)
    translator = Translator(model, WORDS, WORDS, max_length=5, max_source_length=4)
    assert translator.source_ids(LONG) == [4, 5, 6, 3]
    assert translator.source_ids("w4 w5 w6") == [4, 5, 6, 3]
    assert translator.source_ids("w4") == [4, 3]


def test_a_warning_of_a_cut_line_shows_its_text():
    translator = Translator(AttentionSeq2Seq(8, 8, 4, 4), WORDS, WORDS, max_source_length=4)
    for options in ({}, {"markup": True}, {"prefix": "w4"}):
        with pytest.warns(UserWarning, match=f"the first by 3 tokens: '{LONG}'"):
            translator(LONG, **options)


def test_training_reads_a_cut_pair_as_the_translator_does():
    corpus = ParallelText.from_pairs([(LONG, LONG)])
    batches = corpus.batches(WORDS, WORDS, batch_size=1, max_length=4, too_long="truncate")
    ((x, y, weights),) = batches.as_numpy_iterator()
    assert x["source"].tolist() == [[4, 5, 6, 3]] and x["target"].tolist() == [[2, 4, 5, 6]]
    assert y.tolist() == [[4, 5, 6, 3]] and weights.tolist() == [[1, 1, 1, 1]]
