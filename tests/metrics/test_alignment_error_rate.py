"""The error of alignments is Och and Ney's."""

import numpy as np
import pytest

from kerasseq.metrics import alignment_error_rate


def test_it_is_the_equation():
    found, gold = ["0-0 1-1 2-1"], ["0-0 1-2 2?1 1?1"]
    # A = 3, S = 2, A ∩ S = 1, A ∩ P = 3
    assert alignment_error_rate(found, gold) == pytest.approx(1 - (1 + 3) / (3 + 2))
    as_pairs = [[(0, 0), (1, 1), (2, 1)]]
    assert alignment_error_rate(as_pairs, [[(0, 0), (1, 2)]], [[(2, 1), (1, 1)]]) == pytest.approx(
        0.2
    )


def test_of_one_pair_it_is_nltk_s():
    from nltk.translate import metrics as nltk

    random = np.random.default_rng(0)
    for _ in range(50):
        found, sure, possible = (
            {tuple(each) for each in random.integers(0, 4, (n, 2))} for n in (5, 4, 6)
        )
        theirs = nltk.alignment_error_rate(sure, found, sure | possible)
        assert alignment_error_rate([found], [sure], [possible]) == pytest.approx(theirs)


def test_sure_links_are_possible_and_a_perfect_alignment_errs_nothing():
    assert alignment_error_rate(["0-0 1-1"], ["0-0 1-1"]) == 0.0
    assert alignment_error_rate(["0-0"], ["0-0 5?5"]) == 0.0
    assert alignment_error_rate(["1-0"], ["0-1"]) == 1.0
    assert alignment_error_rate([""], [""]) == 0.0


def test_links_of_all_pairs_count_alike():
    found = alignment_error_rate(["0-0", "0-0 1-1 2-2"], ["0-1", "0-0 1-1 2-2"])
    assert found == pytest.approx(1 - 6 / 8)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="as many alignments.*received 1 and 2"):
        alignment_error_rate(["0-0"], ["0-0", "1-1"])
    with pytest.raises(ValueError, match="found in pair 2.*received possible ones"):
        alignment_error_rate(["0-0", "0?0"], ["0-0", "0-0"])
    with pytest.raises(ValueError, match="in pair 1.*received '0:0'"):
        alignment_error_rate(["0:0"], ["0-0"])
