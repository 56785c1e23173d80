"""Pairs whose ids are at hand: the same batches as of a stream, from any number of pairs."""

import itertools
import json
import math

import keras
import numpy as np
import pytest

from kerasseq.data import PairIds, ParallelText, describe_batches
from kerasseq.models import RecurrentSeq2Seq
from kerasseq.processing.symbols import PairSymbols
from kerasseq.text import WordTokenizer
from kerasseq.training import SequenceCrossentropy

WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *(f"w{n}" for n in range(100))])
SYMBOLS = PairSymbols(source_before=(5, 6), source_behind=(7,), target_before=(8, 9))


def sentences(count, seed=0):
    """Pairs of which some are empty, and some longer than 12 words."""
    random = np.random.default_rng(seed)
    return [
        tuple(
            " ".join(f"w{word}" for word in random.integers(0, 100, length))
            for length in random.integers(0, 16, 2)
        )
        for _ in range(count)
    ]


def arrays(batches):
    """Every batch as a list of arrays."""
    return [[*x.values(), y, weight] for x, y, weight in batches.as_numpy_iterator()]


def assert_equal(first, second):
    assert len(first) == len(second) > 0
    for one, other in zip(itertools.chain(*first), itertools.chain(*second), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def sources(batches):
    """The sources of all rows that are no padding, as tuples of real ids."""
    rows = (row for batch in arrays(batches) for row in batch[0])
    return [tuple(row[row > 0].tolist()) for row in rows if row.any()]


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 7},
        {"batch_size": 7, "shuffle": True, "seed": 3},
        {"tokens_per_batch": 90, "shuffle": True, "max_length": 12},
        {"tokens_per_batch": 90, "shuffle": True, "max_length": (9, 12), "too_long": "truncate"},
        {"tokens_per_batch": 90, "shuffle": True, "max_length": 14, "symbols": SYMBOLS},
    ],
)
@pytest.mark.filterwarnings("ignore:Expected")
def test_batches_are_those_of_a_stream(tmp_path, options):
    corpus = ParallelText.from_pairs(sentences(300))
    streamed = corpus.batches(WORDS, WORDS, **options)
    held = corpus.batches(WORDS, WORDS, cache=True, **options)
    prepared = corpus.prepare(tmp_path / "ids", WORDS, WORDS)
    plan = prepared.plan(**options)
    assert held.element_spec == streamed.element_spec
    assert held.cardinality() == streamed.cardinality()
    for _ in range(2):
        epoch = arrays(streamed)
        assert_equal(epoch, arrays(held))
        assert_equal(epoch, arrays(plan.batches()))
    # To describe an epoch is to draw it, as it is to read it.
    assert plan.describe() == describe_batches(streamed)
    assert_equal(arrays(streamed), arrays(plan.batches()))


@pytest.mark.filterwarnings("ignore:Expected")
def test_a_large_corpus_is_shuffled_whole(monkeypatch):
    monkeypatch.setattr("kerasseq.data.pair_plan.BUFFERED", 100)
    pairs = sorted(sentences(3000), key=lambda pair: len(pair[0]))
    corpus = ParallelText.from_pairs(pairs)

    def two_epochs(seed):
        batches = corpus.batches(
            WORDS, WORDS, batch_size=8, shuffle=True, cache=True, seed=seed, shuffle_buffer=10
        )
        assert len(arrays(batches)) == len(batches)
        return sources(batches), sources(batches)

    plain = sources(corpus.batches(WORDS, WORDS, batch_size=8))
    drawn = two_epochs(0)  # the second and the third epoch
    assert drawn == two_epochs(0)
    assert drawn[0] != drawn[1] and two_epochs(1)[0] != drawn[0]
    assert sorted(drawn[0]) == sorted(drawn[1]) == sorted(plain)
    place = {row: number for number, row in enumerate(plain)}
    steps = np.abs(np.diff([place[row] for row in drawn[0] if len(row) > 4]))
    assert np.mean(steps < 10) < 0.1  # neighbours part, and pairs of one length too


@pytest.mark.filterwarnings("ignore:Expected", "error:Your input ran out of data")
def test_epochs_of_weighed_parts_have_as_many_batches():
    parts = [ParallelText.from_pairs(sentences(count, count)) for count in (200, 100)]
    sizes = {"tokens_per_batch": 40, "shuffle": True, "cache": True, "max_length": 12, "seed": 3}
    corpus = ParallelText.concatenate(parts)
    batches = corpus.batches(WORDS, WORDS, weights=[0.3, 1.7], **sizes)
    plain = corpus.batches(WORDS, WORDS, **sizes)
    whole = [sources(part.batches(WORDS, WORDS, **sizes)) for part in parts]
    shapes = {batch[1].shape for batch in plain}
    for _ in range(5):
        assert {batch[1].shape for batch in batches} == shapes  # no bucket is left out
        read = sources(batches)
        assert len(read) == pytest.approx(0.3 * len(whole[0]) + 1.7 * len(whole[1]), abs=16)
        assert {*whole[1]} <= {*read}
    model = RecurrentSeq2Seq(*[WORDS.vocabulary_size] * 2, 4, 4)
    model.compile("sgd", loss=SequenceCrossentropy())
    steps = []
    model.fit(
        batches,
        epochs=3,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda *_: steps.append(int(model.optimizer.iterations))
            )
        ],
    )
    assert steps == [len(batches) * epochs for epochs in (1, 2, 3)]


def test_parts_are_weighed():
    few, many = (
        ParallelText.from_pairs([(f"w{word} w{n}", "w1") for n in range(count)])
        for word, count in ((1, 20), (2, 80))
    )
    corpus = ParallelText.concatenate([few, many])
    assert corpus.parts == (20, 80) and list(corpus) == [*few, *many]
    assert corpus.take(50).parts == (50,) and corpus.reversed().parts == (20, 80)
    code = {part: WORDS.encode(f"w{part}")[0] for part in (1, 2)}

    def read(**options):
        batches = corpus.batches(WORDS, WORDS, batch_size=8, shuffle=True, cache=True, **options)
        epochs = [sources(batches) for _ in range(2)]
        counts = [
            {part: sum(row[0] == code[part] for row in each) for part in code} for each in epochs
        ]
        assert counts[0] == counts[1]
        return counts[0], epochs

    counts, epochs = read(weights=[2, 0.5])
    assert counts == {1: 40, 2: 40}
    few_rows = [row for row in epochs[0] if row[0] == code[1]]
    assert len(set(few_rows)) == 20 and set(map(few_rows.count, few_rows)) == {2}
    halves = [{row for row in each if row[0] == code[2]} for each in epochs]
    assert len(halves[0]) == len(halves[1]) == 40 and halves[0] != halves[1]
    # n^(1/2): 4.47 to 8.94, of 100 pairs
    assert read(temperature=2)[0] == {1: 33, 2: 67}
    assert read(temperature=1)[0] == {1: 20, 2: 80}
    for options, message in (
        ({"weights": [1]}, "each of the 2 parts"),
        ({"weights": [1, 0]}, "weight above 0"),
        ({"weights": [1, 2], "temperature": 2}, "weights, or a temperature"),
        ({"weights": [math.nan, 1]}, r"weight above 0 .*received \[nan, 1\]\. A part"),
        ({"weights": [math.inf, 1]}, "weight above 0"),
        ({"weights": ["a", "b"]}, "weight above 0"),
        ({"weights": 2}, "weight above 0 .*received 2"),
        ({"temperature": 0.5}, "at least 1"),
        ({"temperature": math.nan}, "at least 1"),
        ({"temperature": "5"}, "temperature='5'"),
    ):
        with pytest.raises(ValueError, match=message):
            read(**options)
    with pytest.raises(ValueError, match="shuffle=True"):
        corpus.batches(WORDS, WORDS, batch_size=8, cache=True, weights=[1, 2])
    with pytest.raises(ValueError, match="cache=True with weights or a temp"):
        corpus.batches(WORDS, WORDS, batch_size=8, shuffle=True, weights=[1, 2])
    with pytest.raises(ValueError, match="white space"):
        ParallelText.concatenate([few, many.with_whitespace()])


def test_a_folder_is_read_in_place_of_the_text(tmp_path):
    def unread():
        raise AssertionError("the text was read")
        yield

    pairs, folder = sentences(50), tmp_path / "ids"
    corpus = ParallelText.from_pairs(pairs)
    made = corpus.prepare(folder, WORDS, WORDS, depends_on={"text": "one"})
    found = ParallelText(50, unread).prepare(folder, WORDS, WORDS, depends_on={"text": "one"})
    np.testing.assert_array_equal(made.ids, found.ids)
    np.testing.assert_array_equal(
        found.lengths, [[len(s.split()), len(t.split())] for s, t in pairs]
    )
    assert found.ids.dtype == "uint16" and isinstance(found.ids, np.memmap)
    with pytest.raises(ValueError, match="of text two; received those of one"):
        corpus.prepare(folder, WORDS, WORDS, depends_on={"text": "two"})
    other = WordTokenizer(WORDS.vocabulary[:-1])
    with pytest.raises(ValueError, match="the target tokenizer"):
        corpus.prepare(folder, WORDS, other, depends_on={"text": "one"})


@pytest.mark.parametrize("name", ["ids.bin", "lengths.bin", "prepared.json"])
def test_a_damaged_folder_is_refused(tmp_path, name):
    corpus = ParallelText.from_pairs(sentences(50))
    corpus.prepare(tmp_path / "ids", WORDS, WORDS)
    path = tmp_path / "ids" / name
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(ValueError, match=f"{name} as it was saved; received other bytes"):
        corpus.prepare(tmp_path / "ids", WORDS, WORDS)


def test_files_that_do_not_fit_each_other_are_refused(tmp_path):
    from kerasseq.manifest import write_manifest

    corpus = ParallelText.from_pairs(sentences(50))
    corpus.prepare(tmp_path / "ids", WORDS, WORDS)
    about = json.loads((tmp_path / "ids" / "prepared.json").read_text())
    (tmp_path / "ids" / "prepared.json").write_text(json.dumps(about | {"parts": [49]}))
    write_manifest(tmp_path / "ids", ["ids.bin", "lengths.bin", "prepared.json"])
    with pytest.raises(ValueError, match="Expected 49 pairs .* received 50"):
        PairIds.open(tmp_path / "ids", WORDS, WORDS)


def test_large_vocabularies_take_four_bytes(tmp_path):
    words = [f"x{n}" for n in range(70_000)]
    large = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *words])
    corpus = ParallelText.from_pairs([("x69999 x1", "w1")])
    ids = corpus.prepare(tmp_path / "ids", large, WORDS)
    assert ids.ids.dtype == "int32"
    assert ids.ids.tolist() == [*large.encode("x69999 x1"), *WORDS.encode("w1")]


def test_processes_share_each_batch(tmp_path):
    ids = ParallelText.from_pairs(sentences(100)).prepare(tmp_path / "ids", WORDS, WORDS)
    options = {"tokens_per_batch": 100, "max_length": 20, "shuffle": True, "seed": 2}
    plans = [ids.plan(**options, share=(part, 3)) for part in range(3)]
    parts = [plan.batches() for plan in plans]
    rows = [row for part in parts for row in sources(part)]
    assert sorted(rows) == sorted(sources(ids.batches(**options)))
    for each in zip(*map(arrays, parts), strict=True):
        assert len({batch[0].shape for batch in each}) == 1
    assert plans[0].describe() == plans[1].describe()
    of_rows = {"tokens_per_batch": None, "batch_size": 3}
    for wrong, message in (
        ({"share": (2, 2)}, "one of n processes"),
        ({"share": (0, 6)}, "a row of max_length=20 in each of 6"),
        ({"share": (0, 2)} | of_rows, "that 2 processes can share"),
    ):
        with pytest.raises(ValueError, match=message):
            ids.plan(**options | wrong)
