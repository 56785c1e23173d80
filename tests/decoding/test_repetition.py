"""What keeps a search from looping, against transformers, exhaustive search and a script."""

import itertools

import numpy as np
import pytest
import torch
from keras import ops
from scripted_model import END, START, HistoryModel, run
from transformers import NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor

from closeness import assert_close
from kerasseq.decoding import Beam, Greedy, Sampling
from kerasseq.decoding.repetition import penalised, repeated_ngrams

WIDTH = 11


@pytest.mark.parametrize("length", [0, 1, 4, 12])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_both_rules_are_transformers_on_random_logits(length, size):
    numbers = np.random.default_rng(length)
    written = numbers.integers(3, WIDTH - length // 2, (40, length))
    logits = 3 * numbers.standard_normal((40, WIDTH)).astype("float32")
    theirs = torch.tensor(np.concatenate([np.full((40, 1), START), written], axis=1))
    tokens = np.pad(written, [(0, 0), (0, 12 - length)]).astype("int32")

    found = penalised(ops.convert_to_tensor(logits), tokens, START, 1.3)
    expected = RepetitionPenaltyLogitsProcessor(1.3)(theirs, torch.tensor(logits)).numpy()
    assert_close(np.asarray(found)[:, 1:], expected[:, 1:])

    found = repeated_ngrams(ops.convert_to_tensor(tokens), length, size, WIDTH)
    expected = NoRepeatNGramLogitsProcessor(size)(theirs, torch.tensor(logits)).numpy()
    expected = np.isinf(expected)
    expected[:, START] = False  # which no search chooses
    np.testing.assert_array_equal(np.asarray(found)[:, 1:], expected[:, 1:])
    assert expected.any() == (length >= size and not (length == 4 and size == 3)) or length == 4


class TwoWords(HistoryModel):
    """A model of two words and the end symbol, whose every prefix a beam of 8 holds."""

    def __init__(self, rows, steps, seed=0):
        super().__init__(rows, steps, seed)
        self.table[..., 5:] = -50.0


def ruled(model, row, options, limit, max_length):
    """All hypotheses that the rules allow, with their scores: the rules, one token at a time."""
    size, penalty = options.get("no_repeat_ngram", 0), options.get("repetition_penalty", 1.0)
    for length in range(max_length + 1):
        for words in itertools.product((1, 4), repeat=length):
            tokens = [*words, END] if length < max_length else list(words)
            grams = [tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)]
            closed = len(tokens) < limit or (len(tokens) == limit and tokens[-1] == END)
            if (size and len(set(grams)) < len(grams)) or not closed:
                continue
            score = 0.0
            for i, token in enumerate(tokens):
                seen = token in (START, *tokens[:i])
                score += model.log_p(row, tokens[:i])[token] * (penalty if seen else 1.0)
            yield score, tokens


OPTIONS = [
    {"no_repeat_ngram": 1},
    {"no_repeat_ngram": 2},
    {"no_repeat_ngram": 3},
    {"no_repeat_ngram": 9},
    {"repetition_penalty": 1.7},
    {"repetition_penalty": 0.6, "no_repeat_ngram": 2},
    {"max_length_ratio": 0.5},
    {"max_length_ratio": 1.1, "repetition_penalty": 1.2},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_wide_beam_is_exhaustive_search_among_what_is_allowed(options):
    model = TwoWords(10, 5, seed=2)
    model.table[..., 1], model.table[..., END] = model.table[..., 6] + 50, -1.0
    model.table[..., 1] = np.random.default_rng(3).standard_normal(model.table.shape[:2])
    lengths = np.arange(10, dtype="int32")
    limits = [np.inf] * 10
    if ratio := options.get("max_length_ratio"):
        limits = [max(1, -(-round(10 * ratio) * n // 10)) for n in range(10)]
    search = Beam(8, 0.0, **options)
    tokens, _, scores, _ = run(search, model, 4, source_lengths=lengths)
    for row in range(10):
        score, words = max(ruled(model, row, options, limits[row], 4))
        assert [t for t in tokens[row, 0] if t] == words
        assert_close(scores[row, 0], score)


@pytest.mark.parametrize("search", [Greedy(), Beam(3, n_best=3), Sampling(num_samples=3)])
def test_no_search_writes_what_is_not_allowed(search):
    model = HistoryModel(8, 6, seed=1)
    model.table[..., END] -= 3
    loops = run(search, model, 6)[0]
    assert any(repeats(row, 2) for each in loops for row in each)
    search = search.replace(no_repeat_ngram=2)
    tokens, lengths, scores, _ = run(search, model, 6)
    assert not any(repeats(row, 2) for each in tokens for row in each)
    search = search.replace(no_repeat_ngram=0, max_length_ratio=0.5)
    sizes = np.arange(8, dtype="int32")
    tokens, lengths, scores, _ = run(search, model, 6, source_lengths=sizes)
    for row, n in np.ndindex(lengths.shape):
        if scores[row, n] > -1e8:
            assert lengths[row, n] <= max(1, (row + 1) // 2)
            words = tokens[row, n, : lengths[row, n]].tolist()
            assert words[-1] == END
            total = sum(model.log_p(row, words[:i])[word] for i, word in enumerate(words))
            penalty = ((5 + len(words)) / 6) if isinstance(search, Beam) else 1.0
            assert_close(scores[row, n], total / penalty)  # the end at its own price


def repeats(row, size):
    words = [int(token) for token in row if token]
    grams = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    return len(set(grams)) < len(grams)


def test_what_is_given_may_repeat_and_a_beam_of_one_stays_greedy():
    model, rules = HistoryModel(8, 6, seed=3), {"no_repeat_ngram": 1, "repetition_penalty": 1.5}
    given = (5, 5, 6)
    greedy = run(Greedy(**rules), model, 5, prefix=given)
    assert (greedy[0][:, 0, :3] == given).all() and not (greedy[0][:, 0, 3:] == 5).any()
    beam = run(Beam(1, 0.0, **rules), model, 5, prefix=given)
    np.testing.assert_array_equal(beam[0], greedy[0])
    assert_close(beam[2], greedy[2])
