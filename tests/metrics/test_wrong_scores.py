"""What cannot be compared gets one sentence from every score."""

import numpy as np
import pytest

from kerasseq.metrics import (
    answer_scores,
    corpus_scores,
    entities,
    entity_scores,
    label_scores,
    rouge_scores,
)


def tags(found, expected):
    return entity_scores(expected, found, expected)


@pytest.mark.parametrize("score", [answer_scores, corpus_scores, label_scores, rouge_scores, tags])
@pytest.mark.parametrize(
    "found, expected, said",
    [
        ([["O"]], [["O"], ["O"]], "found as expected, at least one; received 1 and 2. Align"),
        ([], [], "received 0 and 0"),
        ("ab", ["a", "b"], r"received 'ab' \(str\). Put a single one into a list"),
        (["a", "b"], "ab", r"received 'ab' \(str\)"),
        ({"a": 1}, ["b"], "received a dict, which is read as its keys"),
        (5, ["b"], r"received 5 \(int\)"),
        (["a"], None, r"received None \(NoneType\)"),
    ],
)
def test_lists_are_lists_of_one_length(score, found, expected, said):
    with pytest.raises(ValueError, match=said):
        score(found, expected)


@pytest.mark.parametrize(
    "score, found, expected",
    [
        (label_scores, ["a", "b"], [0.5, 1.0]),
        (label_scores, [0.5, 1.0], ["a", "b"]),
        (label_scores, [["a"], "b"], [["a"], ["b"]]),
        (label_scores, ["a", None], ["a", "b"]),
        (label_scores, ["a", "b"], [None, "b"]),
        (label_scores, [True], [1.0]),
        (label_scores, [[1]], [["a"]]),
        (answer_scores, ["a"], ["a"]),
        (answer_scores, [None], [["a"]]),
        (answer_scores, ["a"], [[None]]),
        (answer_scores, ["a"], [[("a", 3)]]),
        (corpus_scores, ["a", None], ["a", "b"]),
        (corpus_scores, ["a"], [["a", "b"]]),
        (corpus_scores, [b"a"], ["a"]),
        (rouge_scores, ["a"], [None]),
        (rouge_scores, [5], ["a"]),
        (tags, ["O"], [["O"]]),
    ],
)
def test_each_is_of_its_kind(score, found, expected):
    with pytest.raises(ValueError, match=r"Expected .*; received .* as number \d+\. Give each"):
        score(found, expected)


def test_arrays_and_generators_are_lists():
    assert label_scores(np.array(["a", "b"]), iter(["a", "a"])) == {"accuracy": 0.5}
    numbers = label_scores(np.array([0.5, 1.0], "float32"), np.array([0.5, 2.0], "float32"))
    assert numbers["mean_absolute_error"] == 0.5
    assert label_scores([["a"], set()], [{"a"}, []]) == {"accuracy": 1.0, "micro_f1": 1.0}
    assert answer_scores(iter(["a cat"]), [("cat",)])["exact_match"] == 1.0
    assert corpus_scores(iter(["a b c d"]), np.array(["a b c d"]))["exact_match"] == 1.0
    with pytest.raises(ValueError, match="as a list of str"):
        entities("O B-x")
