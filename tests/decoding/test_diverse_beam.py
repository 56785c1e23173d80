"""Beam search in groups, against the algorithm written down."""

import collections

import numpy as np
import pytest
from scripted_model import END, VOCABULARY, WORDS, HistoryModel, run

from closeness import assert_close
from kerasseq.decoding import Beam, DiverseBeam

MAX = 4


def expected(model, row, size, groups, diversity):
    """What the groups find, as Vijayakumar et al. 2016 have it: lists of (score, tokens)."""
    width = size // groups
    alive = [[(0.0, [])] for _ in range(groups)]
    ended = [[] for _ in range(groups)]
    for _ in range(MAX):
        counts = collections.Counter()
        for group in range(groups):
            every = [
                (score + float(model.log_p(row, tokens)[word]), [*tokens, word])
                for score, tokens in alive[group]
                for word in WORDS
            ]
            every.sort(key=lambda each: diversity * counts[each[1][-1]] - each[0])
            ended[group] += [each for each in every[:width] if each[1][-1] == END]
            alive[group] = [each for each in every if each[1][-1] != END][:width]
            counts.update(tokens[-1] for _, tokens in alive[group])
    return [
        sorted(done + going, key=lambda each: -each[0])[:width]
        for done, going in zip(ended, alive, strict=True)
    ]


@pytest.mark.parametrize(("size", "groups"), [(4, 2), (3, 3), (6, 2)])
@pytest.mark.parametrize("diversity", [0.0, 0.8, 20.0])
def test_groups_find_what_the_algorithm_finds(size, groups, diversity):
    model = HistoryModel(5, MAX, seed=size)
    # Without a length penalty nothing that goes on beats what has ended: the loop may stop.
    search = DiverseBeam(size, 0.0, groups=groups, diversity=diversity, n_best=size)
    tokens, lengths, scores, _ = run(search, model, MAX)
    for row in range(5):
        found = expected(model, row, size, groups, diversity)
        every = sorted((each for own in found for each in own), key=lambda each: -each[0])
        assert_close(scores[row], [score for score, _ in every])
        said = [
            [int(t) for t in line[:n]] for line, n in zip(tokens[row], lengths[row], strict=True)
        ]
        assert sorted(said) == sorted(words for _, words in every)


def test_one_group_is_a_beam_and_the_first_of_several_a_narrower_one():
    model = HistoryModel(4, 5, seed=3)
    for options in ({}, {"coverage_penalty": 0.2, "return_attention": True}):
        plain = run(Beam(4, n_best=4, **options), model, 5)
        same = run(DiverseBeam(4, groups=1, n_best=4, **options), model, 5)
        for one, other in zip(plain, same, strict=True):
            if one is not None:
                np.testing.assert_array_equal(one, other)
        narrow = run(Beam(2, n_best=2, **options), model, 5)
        wide = run(DiverseBeam(4, groups=2, n_best=4, diversity=2.0, **options), model, 5)
        for row in range(4):
            lines = wide[0][row].tolist()
            assert all(line in lines for line in narrow[0][row].tolist())
        assert wide[2].shape == (4, 4) and (np.diff(wide[2]) <= 0).all()


def test_a_source_does_not_depend_on_others_and_more_differ():
    model, search = HistoryModel(6, 5, seed=9, peak=3.0), DiverseBeam(6, groups=3, n_best=6)

    class Row(HistoryModel):
        def __init__(self, row):
            self.table, self.rows = model.table[row : row + 1], 1

    tokens = run(search, model, 5)[0]
    for row in range(6):
        np.testing.assert_array_equal(run(search, Row(row), 5)[0][0], tokens[row])
    firsts = [
        np.mean([len({*line[:, 0].tolist()}) for line in run(each, model, 5)[0]])
        for each in (Beam(6, n_best=6), search.replace(diversity=5.0))
    ]
    assert firsts[1] > firsts[0]


def test_what_cannot_be_searched_is_refused():
    for options, message in (
        ({"groups": 4}, "a multiple of groups"),
        ({"groups": 0}, "groups as a whole number of at least 1"),
        ({"diversity": -1.0}, "diversity as a finite number of at least 0"),
    ):
        with pytest.raises(ValueError, match=rf"{message}; received .*\. \w+"):
            DiverseBeam(6, **options)
    with pytest.raises(ValueError, match="no larger than the vocabulary"):
        run(DiverseBeam(2 * VOCABULARY + 2, groups=2), HistoryModel(1, 2), 2)
    with pytest.raises(ValueError, match="one beam with a glossary"):
        run(DiverseBeam(6), HistoryModel(1, 2), 2, terms=object())
    assert DiverseBeam(6).widened(7).beam_size == 9
