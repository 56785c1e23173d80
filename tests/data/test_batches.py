"""What `fit` receives: shapes, shifts, weights, order."""

import collections
import os
import pathlib

import numpy as np
import pytest

from kerasseq.data import ParallelText, describe_batches, load
from kerasseq.data.buckets import SHAPES
from kerasseq.processing.symbols import PairSymbols
from kerasseq.text import WordTokenizer

START, END = 2, 3
WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *(f"w{i}" for i in range(50))])


def sentences(count, seed=0, longest=20):
    generator = np.random.default_rng(seed)
    pairs = []
    for number in range(count):
        length = generator.integers(1, longest)
        source = [f"w{number % 50}", *(f"w{i}" for i in generator.integers(0, 50, length))]
        pairs.append((" ".join(source), " ".join(source[::-1][: length + 1])))
    return pairs


def rows(dataset):
    """The real pairs of a data set as a list of (source ids, target ids), padding removed."""
    found = []
    for x, y, weight in dataset.as_numpy_iterator():
        source, target = x["source"], x["target"]
        assert source.dtype == target.dtype == y.dtype == np.int32 and weight.dtype == np.float32
        assert target.shape == y.shape == weight.shape and len(source) == len(target)
        for s, t, after, w in zip(source, target, y, weight, strict=True):
            length, steps = int((s != 0).sum()), int(w.sum())
            assert (length == 0) == (steps == 0)
            assert not s[length:].any() and not t[steps:].any() and not after[steps:].any()
            assert (w == (np.arange(len(w)) < steps)).all()
            if length:
                assert s[length - 1] == END and t[0] == START and after[steps - 1] == END
                assert (t[1:steps] == after[: steps - 1]).all()
                found.append((tuple(s[: length - 1].tolist()), tuple(after[: steps - 1].tolist())))
    return found


def encoded(pairs):
    return [(tuple(WORDS.encode(s)), tuple(WORDS.encode(t))) for s, t in pairs]


def test_symbols_stand_around_both_sides_and_a_prefix_is_not_asked():
    pairs = sentences(60)
    symbols = PairSymbols((7,), (8, 9), (END, 10))
    batches = ParallelText.from_pairs(pairs).batches(
        WORDS, WORDS, batch_size=8, max_length=20, symbols=symbols
    )
    found = []
    for x, y, weight in batches.as_numpy_iterator():
        for source, target, after, share in zip(x["source"], x["target"], y, weight, strict=True):
            source, target = source[source != 0].tolist(), target[target != 0].tolist()
            if source:
                ids = after[1 : len(target)].tolist()
                assert source[:1] + source[-3:] == [7, END, 8, 9] and len(source) <= 20
                assert target == [END, 10, *ids[:-1]] and ids[-1] == END and after[0] == 0
                assert share.tolist() == [float(i != 0) for i in after]
                found.append((tuple(source[1:-3]), tuple(ids[:-1])))
            else:
                assert not target and not share.any()
    fitting = [pair for pair in encoded(pairs) if len(pair[0]) <= 16 and len(pair[1]) <= 16]
    assert sorted(found) == sorted(fitting) and len(fitting) < len(pairs)


@pytest.mark.parametrize("size", [{"tokens_per_batch": 200}, {"batch_size": 8}])
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_pair_once_in_announced_shapes(size, shuffle):
    pairs = sentences(500)
    batches = ParallelText.from_pairs(pairs).batches(WORDS, WORDS, shuffle=shuffle, **size)
    assert sorted(rows(batches)) == sorted(encoded(pairs))
    report = describe_batches(batches)
    assert len(report["shapes"]) <= SHAPES
    for count, source, target in report["shapes"]:
        assert count == (size.get("batch_size") or 200 // max(source, target))
    by_sides = {shape[1:] for shape in report["shapes"]}
    assert len(by_sides) == len(report["shapes"])
    x, y, weight = batches.element_spec
    assert all(spec.shape.as_list() == [None, None] for spec in (*x.values(), y, weight))


def test_the_report_counts_what_the_text_holds():
    pairs = sentences(300)
    report = describe_batches(ParallelText.from_pairs(pairs).batches(WORDS, WORDS, batch_size=16))
    source = sum(len(s.split()) + 1 for s, _ in pairs)
    target = sum(len(t.split()) + 1 for _, t in pairs)
    assert report["pairs"] == 300
    assert report["target_tokens"] == target
    assert report["real_tokens"] == source + target
    assert report["batches"] == sum(report["shapes"].values())
    assert report["padded_tokens"] == sum(
        rows * (s + t) * count for (rows, s, t), count in report["shapes"].items()
    )
    assert report["filled"] == report["real_tokens"] / report["padded_tokens"]


def test_the_order_follows_the_seed_and_changes_every_epoch():
    corpus = ParallelText.from_pairs(sentences(200))

    def two_epochs(seed, cache=False):
        batches = corpus.batches(WORDS, WORDS, batch_size=8, shuffle=True, seed=seed, cache=cache)
        return rows(batches), rows(batches)

    first, second = two_epochs(0)
    assert first != second and sorted(first) == sorted(second)
    assert two_epochs(0) == (first, second)
    assert two_epochs(0, cache=True) == (first, second)
    assert two_epochs(1)[0] != first
    plain = corpus.batches(WORDS, WORDS, batch_size=8)
    assert rows(plain) == rows(plain)


def test_lengths_are_mixed_over_the_epoch_even_in_a_sorted_corpus():
    pairs = sorted(sentences(4000), key=lambda pair: len(pair[0].split()))
    corpus = ParallelText.from_pairs(pairs)
    batches = corpus.batches(WORDS, WORDS, tokens_per_batch=256, shuffle=True)
    widths = np.array([x["source"].shape[1] for x, _, _ in batches.as_numpy_iterator()], float)
    order = np.arange(len(widths))
    assert len(widths) > 100
    assert abs(np.corrcoef(order, widths)[0, 1]) < 0.3
    tenths = [part.std() for part in np.array_split(widths, 10)]
    assert min(tenths) > 0.3 * widths.std()


def test_empty_and_long_lines():
    long = " ".join(["w1"] * 100_000)
    pairs = [("w1 w2", "w3"), ("", "w3"), ("w3", "  \u2028"), (long, "w4"), ("w5", long)]
    corpus = ParallelText.from_pairs([*pairs, ("\ufeff\0", "w1"), ("w6", "w7 w8 w9")])
    kept = encoded([pairs[0], ("w6", "w7 w8 w9")])
    assert sorted(rows(corpus.batches(WORDS, WORDS, batch_size=2, max_length=10))) == sorted(kept)
    cut = corpus.batches(WORDS, WORDS, batch_size=2, max_length=10, too_long="truncate")
    nine = " ".join(["w1"] * 9)
    assert sorted(rows(cut)) == sorted([*kept, *encoded([(nine, "w4"), ("w5", nine)])])
    assert max(max(shape[1:]) for shape in describe_batches(cut)["shapes"]) == 10


def test_max_length_counts_the_end_symbol():
    corpus = ParallelText.from_pairs([("w1 " * 9, "w1"), ("w1 " * 10, "w1"), ("w1", "w2 " * 10)])
    found = rows(corpus.batches(WORDS, WORDS, batch_size=1, max_length=10))
    assert found == encoded([("w1 " * 9, "w1")])


@pytest.mark.parametrize("name", ["text", "text.gz"])
def test_files_and_lists_give_the_same_batches(tmp_path, name):
    import gzip

    pairs = sentences(60)
    paths = []
    for side in (0, 1):
        content = "\r\n".join(pair[side] for pair in pairs).encode()
        paths.append(tmp_path / f"{side}.{name}")
        paths[-1].write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    files = ParallelText.from_files(*paths).batches(WORDS, WORDS, batch_size=8)
    assert rows(files) == rows(ParallelText.from_pairs(pairs).batches(WORDS, WORDS, batch_size=8))


def test_wrong_arguments():
    corpus = ParallelText.from_pairs([("w1", "w2")])
    with pytest.raises(ValueError, match="tokens_per_batch and batch_size; received None and None"):
        corpus.batches(WORDS, WORDS)
    with pytest.raises(ValueError, match="tokens_per_batch and batch_size; received 100 and 8"):
        corpus.batches(WORDS, WORDS, tokens_per_batch=100, batch_size=8)
    with pytest.raises(ValueError, match="too_long.*received 'cut'"):
        corpus.batches(WORDS, WORDS, batch_size=8, too_long="cut")
    with pytest.raises(ValueError, match="tokens_per_batch.*max_length=100.*received 99"):
        corpus.batches(WORDS, WORDS, tokens_per_batch=99)
    with pytest.raises(ValueError, match="batch_size.*received 0"):
        corpus.batches(WORDS, WORDS, batch_size=0)
    with pytest.raises(ValueError, match="received none in 1 lines"):
        ParallelText.from_pairs([("w1 w2", "w3")]).batches(WORDS, WORDS, batch_size=1, max_length=2)


def test_multi30k_is_well_filled(monkeypatch):
    """Where Multi30k is not at hand, number words stand in for it."""
    beside = pathlib.Path(__file__).parents[3] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("KERASSEQ_DATA", beside))
    monkeypatch.setenv("KERASSEQ_DATA", str(folder))
    real = (folder / "multi30k" / "train.de.gz").is_file()
    corpus = (load("multi30k", "de", "en") if real else load("numbers", target="french")).train
    tokenizers = [
        WordTokenizer.train(lines, min_frequency=2, lowercase=True)
        for lines in (corpus.sources(), corpus.targets())
    ]
    batches = corpus.batches(*tokenizers, tokens_per_batch=4096, shuffle=True)
    report = describe_batches(batches)
    assert report["pairs"] == len(corpus) == (29_000 if real else 20_000)
    assert report["filled"] >= 0.85
    assert len(report["shapes"]) <= SHAPES
    counts = collections.Counter()
    for x, _, _ in batches.as_numpy_iterator():
        counts[x["source"].shape[0] * max(x["source"].shape[1], x["target"].shape[1])] += 1
    assert max(counts) <= 4096
