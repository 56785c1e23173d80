"""Every number that a score reports, against sacreBLEU or counted by hand."""

import json

import numpy as np
import pytest
import sacrebleu

from kerasseq.metrics import answer_scores, corpus_scores, label_scores
from kerasseq.recipes import evaluate
from kerasseq.text import WordTokenizer
from kerasseq.training import TranslationMetrics

REFERENCES = ["A man rides a red horse .", "Two dogs run on the beach", "Snow falls", "eins zwei"]
# An unknown word is a word of the translation; nothing is taken out before it is scored.
HYPOTHESES = ["A man rides a <unk> horse .", "two dogs run on <unk> <unk> beach", "Snow falls", ""]


def sacre(tokenize, lowercase):
    bleu = sacrebleu.BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
    chrf = sacrebleu.CHRF(lowercase=lowercase)
    return {
        "bleu": bleu.corpus_score(HYPOTHESES, [REFERENCES]).score,
        "chrf": chrf.corpus_score(HYPOTHESES, [REFERENCES]).score,
    }


@pytest.mark.parametrize("tokenize", ["13a", "none", "char", "intl"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_corpus_scores_are_sacrebleu_s_of_the_whole_text(tokenize, lowercase):
    found = corpus_scores(HYPOTHESES, REFERENCES, tokenize=tokenize, lowercase=lowercase)
    for name, value in sacre(tokenize, lowercase).items():
        assert found[name] == pytest.approx(value), name
    assert found["exact_match"] == 1 / 4 and found["lines"] == 4
    assert f"tok:{tokenize}" in found["signature"]
    assert f"case:{'lc' if lowercase else 'mixed'}" in found["signature"]


def test_case_alone_does_not_hide_a_match_that_lower_case_is_asked_for():
    pairs = ["the cat sat down"], ["The cat sat down"]
    assert corpus_scores(*pairs)["exact_match"] == 0
    found = corpus_scores(*pairs, lowercase=True)
    assert found["exact_match"] == 1
    assert [found["bleu"], found["chrf"]] == pytest.approx([100, 100])


class Scripted:
    """Translates to the hypotheses above."""

    target = WordTokenizer.train(REFERENCES)

    def translate(self, sources, search=None):
        assert list(sources) == list("abcd")
        return ([Hypothesis(text)] for text in HYPOTHESES)

    def perplexity(self, pairs):
        assert list(pairs) == list(zip("abcd", REFERENCES, strict=True))
        return 7.5


class Hypothesis:
    def __init__(self, text):
        self.text = text


@pytest.mark.parametrize(("tokenize", "lowercase"), [("13a", False), ("char", True)])
def test_what_an_evaluation_and_an_epoch_report_is_scored_as_it_was_translated(
    tokenize, lowercase, tmp_path
):
    pairs = list(zip("abcd", REFERENCES, strict=True))
    found = evaluate(
        Scripted(), pairs, tokenize=tokenize, lowercase=lowercase, run=tmp_path, name="test"
    )
    expected = sacre(tokenize, lowercase)
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["perplexity"] == 7.5 and found["lines"] == 4
    kept = (tmp_path / "test.hypotheses.txt").read_text(encoding="utf-8")
    assert kept == "".join(f"{line}\n" for line in HYPOTHESES)
    assert json.loads((tmp_path / "test.scores.json").read_text()) == found

    callback = TranslationMetrics(
        lambda lines: HYPOTHESES, pairs, every=1, tokenize=tokenize, lowercase=lowercase
    )
    callback.on_epoch_end(0, logs := {})
    assert [logs["val_bleu"], logs["val_chrf"]] == pytest.approx(list(expected.values()))


def test_labels_are_counted():
    assert label_scores(["a", "b", "b", "c"], ["a", "b", "c", "b"]) == {"accuracy": 0.5}
    # 3 of 4 found labels are right, of 5 wanted; one set of four is equal.
    found = label_scores([["a", "b"], ["c"], [], ["d"]], [["a"], ["c"], ["a", "b"], ["d", "e"]])
    assert found["accuracy"] == 1 / 4
    assert found["micro_f1"] == pytest.approx(2 * 3 / (4 + 6))
    assert label_scores([[]], [[]]) == {"accuracy": 1.0, "micro_f1": 1.0}


def test_values_are_measured():
    found, right = [1.0, 2.0, 4.0, 3.0], [1.5, 1.0, 5.0, 2.0]
    scores = label_scores(found, right)
    assert scores["mean_absolute_error"] == pytest.approx(np.mean([0.5, 1, 1, 1]))
    x, y = np.array(found) - np.mean(found), np.array(right) - np.mean(right)
    assert scores["pearson"] == pytest.approx((x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()))
    assert label_scores([1.0, 1.0], right[:2])["pearson"] == 0.0


def test_answers_are_counted_as_squad_does():
    found = ["The Eiffel Tower!", "in old Paris", "", "nothing", "a cat"]
    right = [["tower", "eiffel tower"], ["the city of Paris", "Paris"], [], [], ["dog"]]
    scores = answer_scores(found, right)
    # Without case, punctuation and articles; the best of the right answers; "" for no answer.
    assert scores["exact_match"] == pytest.approx((1 + 0 + 1 + 0 + 0) / 5)
    assert scores["f1"] == pytest.approx((1 + max(2 / 4, 2 * 1 / 6) + 1 + 0 + 0) / 5)
