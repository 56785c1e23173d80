"""What is given to a teacher, and which of its translations are learned from."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.bulk.formats import Refused
from kerasseq.bulk.work_folder import Answer
from kerasseq.recipes import load_recipe
from kerasseq.synthetic import drops
from kerasseq.synthetic.student import deep_and_shallow, with_symbol
from kerasseq.synthetic.texts import EMPTY, HELD_OUT, REPEATED, count_and_hash, each_once
from kerasseq.synthetic.write import times_to_read

SCORES = st.lists(st.floats(-20, 0), min_size=1, max_size=60)


@given(SCORES, st.floats(0, 0.99))
def test_no_more_than_a_share_is_among_the_worst(scores, share):
    threshold = drops.least_score(scores, share)
    below = [score for score in scores if score < threshold]
    assert len(below) <= share * len(scores)
    if len({*scores}) == len(scores):  # of equal ones all stay
        assert len(below) == int(share * len(scores))


@given(SCORES, st.floats(0, 0.5), st.floats(0, 0.49))
def test_a_larger_share_drops_no_fewer(scores, share, more):
    assert drops.least_score(scores, share) <= drops.least_score(scores, share + more)
    assert drops.least_score(scores, 0) == -math.inf


@pytest.mark.parametrize("share", [-0.1, 1, 5, math.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="Expected a share of at least 0 and below 1"):
        drops.least_score([-1.0], share)


@pytest.mark.parametrize(
    ("text", "translation", "reason"),
    [
        ("two men", "zwei Männer", None),
        ("two men", " ", drops.NOTHING),
        ("Berlin", "berlin", drops.SAME),
        ("two men", "zwei zwei zwei Männer", drops.LOOPS),
        ("no no no", "nein nein nein", None),  # so does the text
        ("2024 2024 2024", "2024, 2024, 2024", None),
    ],
)
def test_words_tell_against_a_translation(text, translation, reason):
    assert drops.reason_against(text, translation) == reason


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["one", "two three", "a a a"]),
            st.sampled_from(["eins", "", "one", "b b b"]),
            st.floats(-9, 0) | st.just(math.nan),
            st.none() | st.just("of another reason"),
        )
    ),
    st.floats(-9, 0),
    st.floats(-9, 0),
)
def test_each_row_is_judged_once_in_order(rows, threshold, least):
    asked = [(text, Answer(said, reason, score)) for text, said, score, reason in rows]
    asked.append((None, Answer(None, "without text")))
    found = list(drops.judge(asked, threshold, least))
    assert [(each.text, each.translation) for each in found] == [
        (text, answer.text) for text, answer in asked
    ]
    for each, (_, answer) in zip(found, asked, strict=True):
        if each.reason is None:
            assert each.score >= max(threshold, least)  # so it is a number
            assert drops.reason_against(each.text, each.translation) is None
        if answer.reason is not None:
            assert each.reason == answer.reason


def test_a_text_is_given_once_and_none_that_is_held_out():
    texts = ["one", " one ", "", "two\u00a0 three", Refused("no text"), "four", "two three"]
    found = list(each_once(texts, ["four "]))
    assert found == [
        "one",
        Refused(REPEATED),
        Refused(EMPTY),
        "two three",
        Refused(EMPTY),
        Refused(HELD_OUT),
        Refused(REPEATED),
    ]
    kept = list(each_once(["a  b\n", "a b"], [], keep_whitespace=True))
    assert kept == ["a  b\n", Refused(REPEATED)]
    assert count_and_hash(found)[0] == 7
    assert count_and_hash(found) != count_and_hash(found[::-1])


def test_a_student_has_as_many_blocks_most_of_them_in_the_encoder():
    deep = load_recipe("multi30k")["model"]
    assert deep_and_shallow(deep) == load_recipe("multi30k_shallow")["model"]
    found = deep_and_shallow({"kind": "Transformer", "num_layers": 2})
    assert (found["num_layers"], found["num_decoder_layers"]) == (3, 1)
    for same in (
        load_recipe("numbers")["model"],
        load_recipe("multi30k_shallow")["model"],
        {"kind": "Transformer", "num_layers": 1},
        {"kind": "Transformer"},
    ):
        assert deep_and_shallow(same) == same


def test_a_tag_is_one_piece_of_sentencepiece_alone():
    section = {"kind": "sentencepiece", "user_defined_symbols": ["<br>"]}
    assert with_symbol(section, "<bt>")["user_defined_symbols"] == ["<br>", "<bt>"]
    assert with_symbol(with_symbol(section, "<bt>"), "<bt>") == with_symbol(section, "<bt>")
    assert with_symbol({"kind": "word"}, "<bt>") == {"kind": "word"}


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_an_epoch_reads_as_many_of_either(made, given_):
    weights = times_to_read(made, given_, None)
    assert min(weights) == 1
    assert made * weights[0] == pytest.approx(given_ * weights[1], rel=0.01)
    assert times_to_read(made, given_, 0) is None
    assert times_to_read(made, given_, 2.5) == [1, 2.5]
