"""Cuts drawn by chance: as probable as the papers say, seeded, and in training alone."""

import collections
import math
import threading

import pytest
import tensorflow as tf

from kerasseq import TextClassifier
from kerasseq.data import CaptionedImages, LabelledText, ParallelText
from kerasseq.models import RecurrentTextEncoder, SequenceClassifier
from kerasseq.text import SentencePieceTokenizer, WordTokenizer, load_tokenizer

LINES = ["the quick brown fox jumps over the lazy dog", "the lazy dogs jumped over quick foxes"]
PAIRS = [(f"{line} {number}", f"{number} {line}") for number in range(20) for line in LINES]


@pytest.fixture(scope="module", params=["bpe", "unigram"])
def tokenizer(request):
    lines = [line for pair in PAIRS for line in pair]
    return SentencePieceTokenizer.train(lines, 60, model_type=request.param, sampling_alpha=0.2)


def shares(tokenizer, text, draws=6000):
    found = collections.Counter(map(tuple, tokenizer.sample([text] * draws, seed=1)))
    return {cut: count / draws for cut, count in found.items()}


def cuts(tokenizer, text):
    """Every way to cut a text into pieces, with the logarithm of its probability."""
    processor, pieces = tokenizer.processor, {}
    for index in range(4, tokenizer.vocabulary_size):
        pieces[tokenizer.vocabulary[index]] = index
    found = {}

    def go(start, ids):
        if start == len(text):
            found[tuple(ids)] = sum(map(processor.get_score, ids))
        for end in range(start + 1, len(text) + 1):
            if text[start:end] in pieces:
                go(end, [*ids, pieces[text[start:end]]])

    go(0, [])
    return found


@pytest.mark.parametrize("nbest", [0, 3])
def test_cuts_are_as_probable_as_kudo_says(nbest):
    alpha, lines = 0.3, ["abab ba ab aba", "bab abb aab"] * 4
    tokenizer = SentencePieceTokenizer.train(
        lines, 11, model_type="unigram", sampling_alpha=alpha, sampling_nbest=nbest
    )
    every = cuts(tokenizer, "▁abab")
    best = sorted(every, key=every.get, reverse=True)[: nbest or None]
    weights = {cut: math.exp(alpha * every[cut]) for cut in best}
    found = shares(tokenizer, "abab")
    assert {*found} <= {*best} and len(best) > 2
    for cut, weight in weights.items():
        share = weight / sum(weights.values())
        assert abs(found.get(cut, 0) - share) < 4 * math.sqrt(share * (1 - share) / 6000) + 1e-3


@pytest.mark.parametrize("dropout", [0.1, 0.5, 1.0])
def test_merges_are_left_out_as_often_as_provilkov_says(dropout):
    tokenizer = SentencePieceTokenizer.train(["ab"] * 3, 8, sampling_alpha=dropout)
    assert len(tokenizer.encode("ab")) == 2  # one merge
    found = sum(share for cut, share in shares(tokenizer, "ab").items() if len(cut) == 3)
    assert abs(found - dropout) <= 4 * math.sqrt(dropout * (1 - dropout) / 6000)


def test_draws_are_seeded_and_spell_the_same_text(tokenizer):
    first = tokenizer.sample(LINES * 8, seed=3)
    assert first == tokenizer.sample(LINES * 8, seed=3) != tokenizer.sample(LINES * 8, seed=4)
    assert len(set(map(tuple, first))) > 2
    assert [tokenizer.decode(row) for row in first] == LINES * 8
    assert tokenizer.sample(LINES[:1], 3) == tokenizer.sample(LINES[:1], 3)
    in_graph = tokenizer.sample_graph(tf.constant(LINES * 8), tf.constant(3, tf.int64))
    assert in_graph.to_list() == first and in_graph.dtype == tf.int32
    best = tokenizer.encode(LINES[0])
    assert all(tokenizer.encode(LINES[0]) == best for _ in range(20))
    assert all(tokenizer.tokenize(tf.constant(LINES[:1])).to_list() == [best] for _ in range(5))


def test_threads_draw_as_one_does(tokenizer):
    expected, found = tokenizer.sample(LINES * 4, 7), []

    def draw(seed):
        for _ in range(30):
            rows = tokenizer.sample(LINES * 4, seed)
            if seed == 7:
                found.append(rows)

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in (7, 8, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 60 and all(rows == expected for rows in found)


def sources(batches):
    return [batch["source"].tolist() for batch, _, _ in batches.as_numpy_iterator()]


def rows(batches):
    return sorted(
        [index for index in row if index] for batch in batches for row in batch if any(row)
    )


@pytest.mark.parametrize("cache", [False, True])
def test_the_batches_of_a_long_corpus_are_counted(tokenizer, cache, monkeypatch):
    monkeypatch.setattr("kerasseq.data.pair_batches.MEASURED", 10)
    words = WordTokenizer.train(target for _, target in PAIRS)
    corpus = ParallelText.from_pairs(PAIRS)
    batches = corpus.batches(tokenizer, words, batch_size=4, shuffle=True, cache=cache)
    for _ in range(3):
        read = rows(sources(batches))
        assert {tokenizer.decode(row) for row in read} == {source for source, _ in PAIRS}
        assert len(sources(batches)) == len(batches)


@pytest.mark.parametrize("cache", [False, True])
def test_batches_draw_anew_in_every_epoch_and_in_a_run_that_goes_on(tokenizer, cache):
    corpus = ParallelText.from_pairs(PAIRS)
    words = WordTokenizer.train(target for _, target in PAIRS)
    options = {"batch_size": 8, "shuffle": True, "cache": cache}
    batches, again = (corpus.batches(tokenizer, words, seed=5, **options) for _ in range(2))
    epochs = [sources(batches) for _ in range(3)]
    assert epochs == [sources(again) for _ in range(3)]
    goes_on = sources(corpus.batches(tokenizer, words, seed=6, **options))
    every = [rows(each) for each in (*epochs, goes_on)]
    assert all(one != other for i, one in enumerate(every) for other in every[:i])
    expected = sorted(source for source, _ in PAIRS)
    for each in every:
        assert sorted({tokenizer.decode(row) for row in each}) == expected
    assert {len(epoch) for epoch in epochs} == {len(batches)}  # what Keras goes by
    # Targets of a tokenizer that does not sample are the same every time.
    assert {tuple(row) for _, y, _ in batches for row in y.numpy().tolist() if any(row)} == {
        tuple(row) for _, y, _ in again for row in y.numpy().tolist() if any(row)
    }
    fixed = corpus.batches(tokenizer, words, batch_size=8)
    assert rows(sources(fixed)) == sorted([*tokenizer.encode(source), 3] for source, _ in PAIRS)
    assert sources(fixed) == sources(fixed)


def test_it_is_saved(tokenizer, tmp_path):
    tokenizer.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert again.samples and again.sample(LINES, 2) == tokenizer.sample(LINES, 2)
    SentencePieceTokenizer(tokenizer.model).save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert not again.samples and again.get_config() == {"lowercase": False}
    with pytest.raises(ValueError, match="sampling_alpha to sample; received one without"):
        again.sample(LINES, 2)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"sampling_alpha": 0}, "above 0; received 0"),
        ({"sampling_alpha": -0.1}, "above 0; received -0.1"),
        ({"sampling_alpha": float("nan")}, "above 0; received nan"),
        ({"sampling_alpha": True}, "above 0; received True"),
        ({"sampling_alpha": 1.5}, "at most 1"),
        ({"sampling_alpha": 0.1, "sampling_nbest": 8}, "no sampling_nbest with model_type bpe"),
        ({"sampling_alpha": 0.1, "sampling_nbest": 1, "model_type": "unigram"}, "at least 2"),
        ({"sampling_alpha": 0.1, "sampling_nbest": -1, "model_type": "unigram"}, "at least 2"),
        ({"sampling_nbest": 8, "model_type": "unigram"}, "sampling_alpha with sampling_nbest"),
    ],
)
def test_other_sampling_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        SentencePieceTokenizer.train(LINES, 50, **options)


def test_where_nothing_is_sampled_a_tokenizer_that_samples_is_refused(tokenizer, tmp_path):
    encoder = RecurrentTextEncoder(tokenizer.vocabulary_size, 4, 4)
    task = TextClassifier(SequenceClassifier(encoder, 2), tokenizer, ["a", "b"], 16)
    assert task(LINES[0]) in ("a", "b")
    with pytest.raises(ValueError, match="without sampling.*received one with sampling_alpha=0.2"):
        task.fit(LabelledText(LINES, ["a", "b"]))
    (tmp_path / "image").write_bytes(b"")
    with pytest.raises(ValueError, match="without sampling"):
        CaptionedImages([tmp_path / "image"], ["a"]).batches(tokenizer, 1, (4, 4))
