"""Alternatives at one position, against a script that takes each in turn."""

import numpy as np
import pytest
from keras import ops
from scripted_model import END, WORDS, HistoryModel, run

from closeness import assert_close
from kerasseq.decoding import Alternatives

BEGUN = [(), (6,), (5, 7), (4, 4)]


def script(model, row, begun, count, max_length):
    """The hypotheses and their scores, best first."""
    first = model.log_p(row, begun)
    found = []
    for token in sorted(WORDS, key=lambda word: -first[word])[:count]:
        tokens, score = [*begun, token], first[token]
        while tokens[-1] != END and len(tokens) < max_length:
            log_p = model.log_p(row, tokens)
            tokens.append(max(WORDS, key=lambda word, log_p=log_p: log_p[word]))
            score += log_p[tokens[-1]]
        found.append((score, tokens))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_each_likely_token_is_gone_on_from(count):
    model = HistoryModel(4, 5, seed=6)
    model.table[..., 1] = -60.0  # unknown words are words too: none is likely
    prefix = np.zeros((4, 2), "int32")
    for row, given in enumerate(BEGUN):
        prefix[row, : len(given)] = given
    search = Alternatives(count)
    tokens, _, scores, _ = run(search, model, 4, prefix=ops.convert_to_tensor(prefix))
    for row, given in enumerate(BEGUN):
        expected = script(model, row, given, count, 4)
        assert_close(scores[row], [score for score, _ in expected])
        found = [[int(t) for t in each if t] for each in tokens[row]]
        assert found == [words for _, words in expected]
        alone = run(search, model, 4, prefix=given)  # the same prefix of every source
        np.testing.assert_array_equal(alone[0][row], tokens[row])


def test_a_forced_end_is_no_prefix_and_a_rule_holds():
    model = HistoryModel(3, 5, seed=1)
    tokens, *_ = run(Alternatives(4, force_end=True, no_repeat_ngram=1), model, 4)
    for row in tokens:
        assert len({int(each[0]) for each in row}) == 4
        for each in row:
            words = [int(token) for token in each if token]
            assert words[-1] == END and len(set(words)) == len(words)


def test_what_no_vocabulary_has_is_refused():
    with pytest.raises(ValueError, match="num_alternatives=9 and 8 tokens"):
        run(Alternatives(9), HistoryModel(1, 2), 2)
    with pytest.raises(ValueError, match="at least 1; received 0"):
        Alternatives(0)
    assert Alternatives(2).widened(5).num_alternatives == 5
