"""Searches against scripted steps and exhaustive search."""

import ast
import itertools
import os
import pathlib
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scripted_model import END, START, VOCABULARY, WORDS, HistoryModel, every_hypothesis, run

from closeness import assert_close, rounding
from kerasseq import decoding
from kerasseq.decoding import Alternatives, Beam, DiverseBeam, Greedy, Sampling


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("max_length", [1, 2])
def test_a_wide_beam_is_exhaustive_search(penalty, max_length):
    # 5 beams hold every prefix of one of the 4 other words, so nothing is pruned.
    model = HistoryModel(6, 3, seed=max_length)
    tokens, _, scores, _ = run(Beam(5, penalty, n_best=5), model, max_length)
    for row in range(6):
        best = sorted(
            (
                (score / ((5 + len(words)) / 6) ** penalty, words)
                for words, score in every_hypothesis(model, row, max_length)
            ),
            reverse=True,
        )
        assert_close(scores[row, 0], best[0][0])
        assert [t for t in tokens[row, 0] if t] == best[0][1]
        if max_length == 1:
            assert_close(scores[row], [score for score, _ in best[:5]])


@pytest.mark.parametrize("seed", range(3))
def test_a_beam_finds_the_exhaustive_best_of_a_peaked_model(seed):
    # Peaked enough that the best hypothesis is never pruned by 8 beams of 4 words.
    model = HistoryModel(8, 5, seed=seed, peak=4.0)
    tokens, _, scores, _ = run(Beam(8, 0.0), model, 4)
    for row in range(8):
        words, score = max(every_hypothesis(model, row, 4), key=lambda pair: pair[1])
        assert_close(scores[row, 0], score)
        assert [t for t in tokens[row, 0] if t] == words


class GlancingModel(HistoryModel):
    """Looks at the token that went in, two fifths at a time: repeated looks cover it."""

    def step(self, token, state, memory, step):
        logits, state, attention = super().step(token, state, memory, step)
        return logits, state, 0.4 * attention


class BlindModel(HistoryModel):
    """A model without attention."""

    def step(self, token, state, memory, step):
        return *super().step(token, state, memory, step)[:2], None


@pytest.mark.parametrize("coverage", [0.3, 3.0])
def test_coverage_is_wu_s_equation_by_exhaustive_search(coverage):
    model = GlancingModel(8, 3, seed=2)
    tokens, _, scores, _ = run(Beam(5, 0.6, coverage_penalty=coverage), model, 2)
    for row in range(8):
        each = []
        for words, score in every_hypothesis(model, row, 2):
            looks = np.bincount([START, *words[:-1]])
            penalty = np.log(np.minimum(0.4 * looks[looks > 0], 1)).sum()
            each.append((score / ((5 + len(words)) / 6) ** 0.6 + coverage * penalty, words))
        best, words = max(each)
        assert_close(scores[row, 0], best)
        assert [t for t in tokens[row, 0] if t] == words


@pytest.mark.parametrize("begun", [False, True])
def test_a_real_position_that_nothing_looked_at_is_no_padding(begun):
    class Masked(HistoryModel):
        """Half precision attention: the second word's is lost, the third is padding."""

        def memory(self):
            mask = [[True] * begun + [True, True, False]] * self.rows
            return super().memory() | {"mask": ops.convert_to_tensor(mask)}

        def step(self, token, state, memory, step):
            logits, state, _ = super().step(token, state, memory, step)
            looks = ops.repeat(ops.convert_to_tensor([[1.0, 0.0, 0.0]], "float16"), len(token), 0)
            return logits, state, looks

    model = Masked(2, 3)
    _, _, plain, _ = run(Beam(5, 0.0), model, 2)
    _, _, scores, _ = run(Beam(5, 0.0, coverage_penalty=0.25), model, 2)
    assert scores.dtype == "float32"
    assert_close(scores, plain + 0.25 * np.log(1e-7))


def test_scores_are_those_of_the_tokens():
    model = HistoryModel(5, 6, seed=9)
    for search in (Greedy(), Beam(4, 0.7, n_best=3), Sampling(num_samples=3, seed=4)):
        tokens, lengths, scores, _ = run(search, model, 5)
        for row, n in np.ndindex(scores.shape):
            words = tokens[row, n][: lengths[row, n]].tolist()
            total = sum(model.log_p(row, words[:i])[t] for i, t in enumerate(words))
            if isinstance(search, Beam):
                total /= ((5 + len(words)) / 6) ** 0.7
            assert_close(scores[row, n], total)
            assert np.all(tokens[row, n][lengths[row, n] :] == 0)
            assert words.count(END) == (words[-1] == END)
        assert np.all(np.diff(scores, axis=1) <= rounding(magnitude=np.abs(scores).max()))


def test_early_bad_endings_do_not_stop_a_beam():
    # The right word always has p = 0.9, the end symbol comes second: a beam that stops at its
    # first finished hypotheses would return a short, improbable one.
    right = [4, 5, 6, 7, END]

    def step(token, state, memory, step):
        logits = np.full((5, VOCABULARY), -9.0, "float32")
        for position, word in enumerate(right):
            logits[position, END] = np.log(0.08)
            logits[position, word] = np.log(0.9)
        row = ops.take(ops.convert_to_tensor(logits), ops.minimum(step, 4), axis=0)
        rows = ops.shape(token)[0]
        return ops.repeat(row[None], rows, axis=0), state, ops.ones((rows, 1))

    rows = {"row": ops.zeros((1,), "int32")}
    found = Beam(2, 0.0)(step, rows, rows, START, END, 8)
    assert [t for t in ops.convert_to_numpy(found.tokens)[0, 0] if t] == right


@pytest.mark.parametrize("seed", range(4))
def test_a_beam_of_one_is_greedy(seed):
    model = HistoryModel(16, 6, seed=seed)
    greedy, beam = run(Greedy(), model, 5), run(Beam(1, 1.0), model, 5)
    np.testing.assert_array_equal(beam[0], greedy[0])


@pytest.mark.parametrize("search", [Greedy(), Beam(3, n_best=2), Sampling(num_samples=3, seed=2)])
def test_a_row_does_not_see_the_others(search):
    model = HistoryModel(6, 6, seed=2)
    together = run(search, model, 5)
    for row in range(6):
        alone = HistoryModel(6, 6, seed=2)
        alone.table, alone.rows = alone.table[row : row + 1], 1
        for leaf, expected in zip(run(search, alone, 5)[:3], together, strict=False):
            assert_close(leaf[0], expected[row])


@pytest.mark.parametrize(
    "search", [Greedy(min_length=3), Beam(4, min_length=3), Sampling(min_length=3)]
)
def test_min_length_holds_back_the_end(search):
    _, lengths, _, _ = run(search, HistoryModel(12, 6, seed=1), 5)
    assert lengths.min() >= 4


@pytest.mark.parametrize(
    "search",
    [
        Greedy(return_attention=True),
        Beam(4, n_best=4, return_attention=True),
        Sampling(num_samples=4, seed=2, return_attention=True),
    ],
)
def test_attention_belongs_to_its_hypothesis(search):
    tokens, lengths, _, attention = run(search, HistoryModel(5, 6, seed=6), 5)
    for row, n in np.ndindex(lengths.shape):
        length = lengths[row, n]
        fed = [START, *tokens[row, n, : length - 1]]
        assert attention[row, n, :length].argmax(-1).tolist() == fed
        assert np.all(attention[row, n, length:] == 0)


class FixedModel(HistoryModel):
    """The same distribution at every step."""

    def __init__(self, probabilities):
        logits = np.full(VOCABULARY, -50.0, "float32")
        logits[3:8] = np.log(probabilities)
        self.table, self.rows = logits[None, None], 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.1, 0.4, 0.2, 0.25, 0.05]),
        ({"top_k": 2}, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]),
        ({"top_p": 0.6}, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]),
        ({"top_p": 0.01}, [0, 1, 0, 0, 0]),
        ({"temperature": 0.5}, np.square([0.1, 0.4, 0.2, 0.25, 0.05]) / 0.275),
        ({"temperature": 0.01}, [0, 1, 0, 0, 0]),
    ],
)
def test_sampling_draws_the_distribution_it_says(options, expected):
    count = 4000
    search = Sampling(num_samples=count, seed=11, **options)
    tokens, *_ = run(search, FixedModel([0.1, 0.4, 0.2, 0.25, 0.05]), 1)
    counts = np.bincount(tokens[0, :, 0], minlength=8)[3:]
    expected = np.array(expected) * count
    assert np.all(counts[expected == 0] == 0)
    real = expected > 0
    chi_square = ((counts[real] - expected[real]) ** 2 / expected[real]).sum()
    assert chi_square < 18.5  # the 0.1 % bound for 4 degrees of freedom


PREFIX = (5, 7)


@pytest.mark.parametrize(
    "search",
    [Greedy(), Beam(5, 0.6, n_best=5), Beam(5, 1.0, length_offset=0.0), Sampling(num_samples=2)],
)
@pytest.mark.parametrize("force", [False, True])
def test_given_tokens_cost_nothing(search, force):
    model = HistoryModel(6, 5, seed=4)
    tokens, lengths, scores, _ = run(search.replace(force_end=force), model, 4, prefix=PREFIX)
    assert (tokens[:, :, :2] == PREFIX).all()
    for row, n in itertools.product(range(6), range(tokens.shape[1])):
        words = tokens[row, n, : lengths[row, n]].tolist()
        asked = range(2, len(words) - (force and len(words) == 4))
        score = sum(model.log_p(row, words[:i])[words[i]] for i in asked)
        if isinstance(search, Beam):
            offset = search.length_offset
            score /= ((offset + len(words)) / (offset + 1)) ** search.length_penalty
        assert_close(scores[row, n], score)
        assert END in words or not force


@pytest.mark.parametrize(
    "search", [Greedy(), Beam(5, 0.6, force_end=True), Sampling(num_samples=2)]
)
def test_a_source_s_own_prefix_is_that_of_all_to_it_alone(search):
    model, begun = HistoryModel(4, 5, seed=4), [(), (6,), (5, 7), (4, 4, 6)]
    prefix = np.zeros((4, 6), "int32")  # wider than a target, which is no more than padding
    for row, given in enumerate(begun):
        prefix[row, : len(given)] = given
    together = run(search, model, 4, prefix=ops.convert_to_tensor(prefix))[:3]
    for row, given in enumerate(begun):
        for leaf, expected in zip(together, run(search, model, 4, prefix=given), strict=False):
            assert_close(leaf[row], expected[row])
    nothing = ops.zeros((4, 0), "int32")
    for leaf, expected in zip(
        run(search, model, 4, prefix=nothing)[:3], run(search, model, 4)[:3], strict=True
    ):
        np.testing.assert_array_equal(leaf, expected)
    cut = run(search, model, 3, prefix=ops.convert_to_tensor(prefix))[0]
    assert (cut[3, :, :2] == 4).all() and cut[3, 0, 2] in WORDS  # one step is left


def test_a_wide_beam_behind_a_prefix_is_exhaustive_search():
    model = HistoryModel(6, 5, seed=4)
    search = Beam(5, 1.0, length_offset=0.0)
    tokens, _, scores, _ = run(search, model, 4, prefix=PREFIX)
    for row in range(6):
        score, words = max(
            (
                sum(model.log_p(row, words[:i])[words[i]] for i in (2, 3)[: len(words) - 2])
                / len(words),
                words,
            )
            for words in ([*PREFIX, *rest] for rest, _ in every_hypothesis(model, row, 2))
        )
        assert_close(scores[row, 0], score)
        assert [t for t in tokens[row, 0] if t] == words


@pytest.mark.parametrize("search", [Greedy(), Beam(3, n_best=3), Sampling(num_samples=9)])
def test_what_ends_a_target_may_begin_it(search):
    model = HistoryModel(6, 5, seed=4)
    tokens, *_ = run(search, model, 4, start=END)
    assert (tokens == END).any()
    with pytest.raises(ValueError, match="at least 4 steps, one after the prefix; received 3"):
        run(search, model, 3, prefix=(5, 6, 7))


def test_early_stopping_ends_with_as_many_hypotheses_as_the_beam_has():
    # Two poor endings come first; the best hypothesis is longer, and an early stop misses it.
    model = HistoryModel(1, 5)
    model.table[...] = -30.0
    model.table[0, :, 5] = 5.0
    model.table[0, 0, END] = model.table[0, 6, END] = 4.0
    model.table[0, 6 * VOCABULARY + 6, END] = 20.0
    scores = [
        run(Beam(2, 1.0, length_offset=0.0, early_stopping=early), model, 4)[2][0, 0]
        for early in (True, False)
    ]
    assert scores[0] < scores[1]


def test_a_seed_draws_the_same_again_and_another_differs():
    model = HistoryModel(8, 6, seed=1, peak=0.5)
    first, again, other = (run(Sampling(seed=s), model, 5)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


SEARCHES = [
    Greedy(min_length=1, no_repeat_ngram=1),
    Beam(3, 0.5, n_best=2, return_attention=True),
    Beam(3, length_offset=0.0, early_stopping=True, force_end=True, repetition_penalty=1.5),
    Sampling(0.7, top_k=4, top_p=0.9, num_samples=2, seed=5),
    Alternatives(3),
    DiverseBeam(4, groups=2, diversity=1.0, n_best=2, return_attention=True),
]


KEPT = {"Greedy": 1, "Beam": 3, "Sampling": 2, "Alternatives": 3, "DiverseBeam": 4}


@pytest.mark.parametrize("search", SEARCHES)
def test_config_round_trip(search):
    again = decoding.get(decoding.serialize(search))
    assert type(again) is type(search) and again.get_config() == search.get_config()


@pytest.mark.parametrize("search", [*SEARCHES, Beam(3, n_best=3)])
def test_all_best_returns_every_hypothesis_and_changes_nothing_else(search):
    model = HistoryModel(4, 6, seed=3)
    (some, *_), (every, *_) = (run(each, model, 5) for each in (search, search.all_best()))
    assert every.shape[1] == KEPT[type(search).__name__]
    np.testing.assert_array_equal(every[:, : some.shape[1]], some)


@pytest.mark.parametrize("search", SEARCHES)
def test_compiled_equals_eager(search):
    model = HistoryModel(4, 6, seed=3)
    eager = run(search, model, 5)
    graph = tf.function(lambda: search(model.step, model.memory(), model.state(), START, END, 5))()
    for leaf, expected in zip(graph, eager, strict=True):
        if expected is not None:
            assert_close(leaf.numpy(), expected)


def test_jax_finds_the_same():
    code = f"""
        import sys; sys.path[:0] = {[str(each) for each in pathlib.Path(__file__).parents[:2]]}
        import jax, numpy as np
        import test_searches as t
        for search in t.SEARCHES:
            model = t.HistoryModel(4, 6, seed=3)
            found = jax.jit(lambda: search(
                model.step, model.memory(), model.state(), t.START, t.END, 5)[:3])()
            print([np.asarray(leaf).round(4).tolist() for leaf in found])
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=True,
    )
    for line, search in zip(result.stdout.splitlines(), SEARCHES, strict=True):
        expected = run(search, HistoryModel(4, 6, seed=3), 5)[:3]
        for leaf, value in zip(ast.literal_eval(line), expected, strict=True):
            np.testing.assert_allclose(leaf, value, atol=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: run(Beam(9), HistoryModel(1, 2), 1), "received beam_size=9 and 8 "),
        (lambda: Beam(2, n_best=3), "received n_best=3 and beam_size=2"),
        (lambda: Beam(0), "beam_size.*received 0"),
        (lambda: Beam(length_offset=-1), "length_offset.*received -1"),
        (lambda: Greedy(min_length=-1), "min_length.*received -1"),
        (lambda: Greedy(no_repeat_ngram=-1), "no_repeat_ngram.*received -1\\."),
        (lambda: Beam(repetition_penalty=0), "repetition_penalty.*received 0\\."),
        (lambda: Sampling(max_length_ratio=-2), "max_length_ratio.*received -2\\."),
        (lambda: run(Greedy(max_length_ratio=2), HistoryModel(1, 2), 2), "source of tokens"),
        (lambda: Sampling(temperature=0), "temperature.*received 0 and 1.0"),
        (lambda: Sampling(top_p=0), "top_p.*received 1.0 and 0"),
        (lambda: Sampling(seed=-1), "seed.*received -1"),
        (lambda: run(Greedy(), HistoryModel(1, 2), 0), "max_length.*received 0"),
        (lambda: decoding.get("viterbi"), "greedy.*received 'viterbi'"),
        (lambda: run(Beam(2, coverage_penalty=1.0), BlindModel(1, 2), 2), "coverage_penalty"),
        (lambda: run(Greedy(return_attention=True), BlindModel(1, 2), 2), "return_attention"),
    ],
)  # fmt: skip
def test_a_wrong_setting_gets_one_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "5", None])
@pytest.mark.parametrize(
    ("search", "name"),
    [
        (Beam, "length_penalty"),
        (Beam, "coverage_penalty"),
        (Beam, "length_offset"),
        (Beam, "beam_size"),
        (Beam, "n_best"),
        (Greedy, "repetition_penalty"),
        (Greedy, "max_length_ratio"),
        (Greedy, "min_length"),
        (Greedy, "no_repeat_ngram"),
        (DiverseBeam, "groups"),
        (DiverseBeam, "diversity"),
        (Sampling, "temperature"),
        (Sampling, "top_p"),
        (Sampling, "top_k"),
        (Sampling, "num_samples"),
        (Alternatives, "num_alternatives"),
    ],
)
def test_what_is_no_finite_number_is_refused(search, name, value):
    with pytest.raises(ValueError, match=rf"Expected (an? )?{name} .*received '?{value}.*\. \w+"):
        search(**{name: value})
