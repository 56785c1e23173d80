"""The shapes chosen, against every other choice."""

import itertools

import numpy as np
import pytest

from kerasseq.data.buckets import SHAPES, Buckets, best_bounds, candidates


def padded_tokens(buckets, lengths):
    """Padded tokens when every bucket's last batch is filled, and the shapes used."""
    used = {}
    for source, target in lengths:
        level = int(np.argmax(buckets.source_bounds >= source))
        column = int(np.argmax(buckets.target_bounds[level] >= target))
        assert buckets.source_bounds[level] >= source
        assert buckets.target_bounds[level, column] >= target
        used[level, column] = used.get((level, column), 0) + 1
    total = 0
    for (level, column), pairs in used.items():
        rows = buckets.rows[level, column]
        side = buckets.source_bounds[level] + buckets.target_bounds[level, column]
        total += -(-pairs // rows) * rows * side
    return total, len(used)


def sentence_lengths(count, seed=0):
    """Lengths as of Multi30k: a long tail, and a target that follows its source."""
    generator = np.random.default_rng(seed)
    source = np.clip(generator.lognormal(2.5, 0.35, count).astype(int), 3, 60)
    target = np.clip(np.round(source * generator.normal(1.05, 0.15, count)).astype(int), 3, 60)
    return np.stack([source, target], 1)


def test_no_other_bounds_are_better():
    lengths = np.random.default_rng(1).integers(2, 6, (40, 2))
    sources, targets = map(np.unique, lengths.T)
    counts = np.zeros((len(sources), len(targets)))
    np.add.at(counts, tuple((lengths - 2).T), 1)
    rows = 20 // np.maximum(sources[:, None], targets)
    found = best_bounds(counts, sources, targets, rows)
    width = max(len(row) for _, row in found)
    table = [[*row, *[5] * (width - len(row))] for _, row in found]
    chosen, _ = padded_tokens(Buckets([bound for bound, _ in found], table, 20), lengths)

    def choices(values):
        for size in range(len(values)):
            for some in itertools.combinations(values[:-1], size):
                yield [int(value) for value in (*some, values[-1])]

    every = []
    for bounds in choices(sources):
        for table in itertools.product(choices(targets), repeat=len(bounds)):
            width = max(map(len, table))
            rectangle = [[*row, *[5] * (width - len(row))] for row in table]
            every.append(padded_tokens(Buckets(bounds, rectangle, 20), lengths)[0])
    assert len(every) > 4000
    assert chosen == min(every)


@pytest.mark.parametrize("size", [{"tokens_per_batch": 4096}, {"batch_size": 64}])
def test_few_shapes_hold_much_text(size):
    lengths = sentence_lengths(29_000)
    total, shapes = padded_tokens(Buckets.fit(lengths, 100, **size), lengths)
    assert shapes <= SHAPES
    assert lengths.sum() / total > 0.83  # a wider text than Multi30k: see test_batches


def test_few_pairs_get_few_shapes():
    lengths = sentence_lengths(200)
    total, shapes = padded_tokens(Buckets.fit(lengths, 100, batch_size=64), lengths)
    assert shapes <= 4
    assert lengths.sum() / total > 0.5


def test_pairs_longer_than_any_measured_have_a_bucket():
    buckets = Buckets.fit([(5, 6), (7, 4)], 50, tokens_per_batch=100)
    padded_tokens(buckets, [(50, 50), (5, 50), (50, 2), (7, 50)])
    assert np.all(
        buckets.rows * np.maximum(buckets.source_bounds[:, None], buckets.target_bounds) <= 100
    )
    assert np.all(buckets.rows >= 1)


def test_a_measured_part_stands_for_the_whole_corpus():
    part = sentence_lengths(1000)
    _, few = padded_tokens(Buckets.fit(part, 100, batch_size=128), part)
    _, more = padded_tokens(Buckets.fit(part, 100, batch_size=128, total=100_000), part)
    assert few < more


def test_many_lengths_are_thinned_and_the_longest_stays():
    lengths = np.arange(1, 2001)
    values = candidates(lengths)
    assert len(values) <= 64 and values[-1] == 2000
    assert list(candidates(np.array([3, 3, 9]))) == [3, 9]
