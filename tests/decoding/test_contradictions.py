"""Which of two rules holds that contradict each other: something is written in any case."""

import numpy as np
import pytest
from scripted_model import END, HistoryModel, run

from closeness import assert_close
from kerasseq.decoding import Alternatives, Beam, DiverseBeam, Greedy, Sampling

SEARCHES = [
    Greedy(), Beam(3), Sampling(num_samples=3, seed=2), Alternatives(3),
    DiverseBeam(4, groups=2),
]  # fmt: skip


@pytest.mark.parametrize("search", SEARCHES, ids=str)
@pytest.mark.parametrize("ngram", [0, 1])
def test_the_greatest_length_outdoes_the_least(search, ngram):
    model, sizes = HistoryModel(8, 6, seed=1), np.arange(8, dtype="int32")
    search = search.replace(min_length=3, max_length_ratio=0.5, no_repeat_ngram=ngram)
    tokens, lengths, scores, _ = run(search, model, 5, source_lengths=sizes)
    limits = np.maximum(1, (sizes + 1) // 2)
    assert (lengths[:, 0] == np.minimum(limits, 4)).all()
    for row, length in enumerate(lengths[:, 0]):
        words = tokens[row, 0, :length].tolist()
        assert words[-1] == END
        total = sum(model.log_p(row, words[:i])[word] for i, word in enumerate(words))
        assert_close(scores[row, 0], total / (((5 + length) / 6) if is_beam(search) else 1.0))


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_a_forced_end_and_a_prefix_outdo_the_least_length(search):
    model = HistoryModel(8, 6, seed=1)
    found = run(search.replace(min_length=100, force_end=True), model, 5)
    assert (found[1] == 5).all() and (found[0][..., -1] == END).all()
    assert (found[2] > -1e3).all()
    found = run(search.replace(min_length=3, max_length_ratio=0.5), model, 6, prefix=(5, 6, 4),
                source_lengths=np.ones(8, "int32"))  # fmt: skip
    assert (found[0][:, 0, :4] == (5, 6, 4, END)).all() and (found[2][:, 0] > -1e3).all()
    # What begins every target may be written where it is given.
    found = run(search, model, 4, prefix=(5, 2))
    assert (found[0][:, 0, :2] == (5, 2)).all() and (found[2][:, 0] > -1e3).all()


def is_beam(search):
    return isinstance(search, Beam)
