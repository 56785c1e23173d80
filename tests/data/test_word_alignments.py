"""Alignments of a corpus: read exactly, carried along, and made what tokens attend to."""

import numpy as np
import pytest

from kerasseq.data import (
    ParallelText,
    WordAlignments,
    accumulated_batches,
    align,
)
from kerasseq.processing.symbols import PairSymbols
from kerasseq.text import SentencePieceTokenizer, WordTokenizer

PAIRS = [("a b c", "x y"), ("a", "x y z"), ("b c", "y"), ("c a b", "z x"), ("c", "z")]
LINES = ["0-0 2-1", "0-2", "", "0-0 1-1 2-1", "0-0"]
WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *"abcxyz"])


def corpus(lines=LINES, weight=0.05):
    return ParallelText.from_pairs(PAIRS).with_alignments(lines, weight)


def links_of(found):
    return list(found.alignments.lines())


def test_a_file_is_read_and_written_exactly(tmp_path):
    text = "0-0 2-1\r\n0-2\n\n0-0  1-1\t2-1\n0-0"
    (tmp_path / "train.align").write_bytes(text.encode())
    found = corpus(tmp_path / "train.align")
    assert links_of(found) == LINES and list(found) == PAIRS
    assert found.alignments[3] == [(0, 0), (1, 1), (2, 1)] and found.alignments[2] == []
    assert links_of(corpus(found.alignments)) == LINES


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (LINES[:4], r"for each of the 5 pairs; received 4\."),
        ([*LINES, ""], r"for each of the 5 pairs; received 6\."),
        (["0-0 3-1", *LINES[1:]], r"3 source and 2 target words of pair 1.*received 3-1 in line 1"),
        ([*LINES[:4], "0-1"], r"1 source and 1 target words of pair 5.*received 0-1 in line 5"),
        (["0-0", "1", *LINES[2:]], r"in line 2 of the alignments.*received '1'"),
        (["0-0", "0?0", *LINES[2:]], r"to learn from in line 2.*received possible ones"),
    ],
)
def test_what_does_not_fit_the_pairs_is_refused(lines, message):
    with pytest.raises(ValueError, match=message):
        corpus(lines)


def test_a_wrong_file_is_named(tmp_path):
    (tmp_path / "train.align").write_text("0-0\n0=1\n")
    with pytest.raises(ValueError, match=r"line 2 of .*train\.align.*received '0=1'"):
        WordAlignments.from_file(tmp_path / "train.align")
    with pytest.raises(FileNotFoundError):
        corpus(tmp_path / "none")
    for weight in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="weight above 0"):
            corpus(weight=weight)


def test_every_pair_keeps_its_links():
    found = corpus(weight=0.5)
    assert links_of(found.take(2)) == LINES[:2]
    assert links_of(found.reversed())[:2] == ["0-0 1-2", "2-0"]
    assert links_of(ParallelText.concatenate([found.take(2), found])) == LINES[:2] + LINES
    of_pair = dict(zip(PAIRS, LINES, strict=True))
    for part in found.split(0.4, seed=1):
        assert links_of(part) == [of_pair[pair] for pair in part] and part.alignments.weight == 0.5
    assert links_of(found.with_whitespace()) == LINES
    bare = ParallelText.from_pairs(PAIRS)
    mixed = ParallelText.concatenate([bare.take(2), found, bare.take(0)])
    assert links_of(mixed) == ["", "", *LINES] and mixed.alignments.weight == 0.5
    assert ParallelText.concatenate([bare, bare]).alignments is None
    with pytest.raises(ValueError, match=r"one weight.*received \[0\.05, 0\.5\]"):
        ParallelText.concatenate([found, corpus()])
    with pytest.raises(ValueError, match="without alignments"):
        found.with_joined(2)


def test_a_target_token_attends_to_what_it_is_linked_to_in_equal_shares():
    (x, y, weights), *_ = corpus(weight=0.3).batches(WORDS, WORDS, batch_size=8, cache=True)
    expected = np.zeros((8, 4, 4), "float32")
    expected[0, 0, 0] = expected[0, 1, 2] = expected[1, 2, 0] = 0.3
    expected[3, 0, 0] = expected[4, 0, 0] = 0.3
    expected[3, 1, 1:3] = 0.15
    np.testing.assert_allclose(x["links"], expected, rtol=1e-6)
    assert x["links"].shape == (*x["target"].shape, x["source"].shape[1])
    # Neither an end symbol nor padding is linked.
    assert not np.any(x["links"].numpy()[weights.numpy() == 0])
    assert not np.any(np.moveaxis(x["links"].numpy(), 1, 2)[x["source"].numpy() == 0])
    assert not np.any(x["links"].numpy()[y.numpy() == WORDS.end_id])


def test_symbols_around_the_texts_move_the_links():
    symbols = PairSymbols(source_before=(5, 6), source_behind=(7,), target_before=(8, 9))
    (x, y, _), *_ = corpus().batches(WORDS, WORDS, batch_size=5, cache=True, symbols=symbols)
    vocabulary = np.array(WORDS.vocabulary)
    linked = {
        (row, vocabulary[x["source"][row, s]], vocabulary[y[row, t]])
        for row, t, s in np.argwhere(x["links"].numpy())
    }
    assert linked == {
        (row, PAIRS[row][0].split()[s], PAIRS[row][1].split()[t])
        for row in range(5)
        for s, t in corpus().alignments[row]
    }


def test_links_to_what_is_cut_are_left_out():
    options = {"batch_size": 5, "max_length": 3, "too_long": "truncate", "cache": True}
    (x, _, _), *_ = corpus(weight=1.0).batches(WORDS, WORDS, **options)
    links = x["links"].numpy()
    assert links.shape == (5, 3, 3)
    # Of three words two are left: c, of which y is a translation, and z are not among them.
    assert links[0].sum() == 1 and links[1].sum() == 0
    np.testing.assert_array_equal(links[3], np.eye(3) * [[1], [1], [0]])


def test_shuffled_pairs_keep_their_links():
    found = corpus(weight=1.0).batches(WORDS, WORDS, batch_size=2, cache=True, shuffle=True, seed=3)
    seen = {}
    for x, y, _ in found:
        for source, target, links in zip(x["source"], y, x["links"], strict=True):
            pair = WORDS.decode(source.numpy()), WORDS.decode(target.numpy())
            seen[pair] = " ".join(
                f"{s}-{t}" for s, t in sorted(np.argwhere(links)[:, ::-1].tolist())
            )
    assert {pair: seen[pair] for pair in PAIRS} == dict(zip(PAIRS, LINES, strict=True))


def test_accumulated_batches_weigh_links_as_they_weigh_tokens():
    batches = corpus(["0-0"] * 5, 1.0).batches(WORDS, WORDS, batch_size=2, cache=True)
    plain, parts = list(batches), list(accumulated_batches(batches, 2))
    assert len(parts) % 2 == 0 and len(parts) > len(plain)
    assert {round(float(np.max(weighed)), 3) for _, _, weighed in parts} > {0.0, 2.0}
    for (x, _, weights), (scaled, _, weighed) in zip(plain, parts, strict=False):
        share = np.max(weighed)
        np.testing.assert_allclose(weighed, share * weights.numpy(), rtol=1e-6)
        np.testing.assert_allclose(scaled["links"], share * x["links"].numpy(), rtol=1e-6)
    assert not np.any(parts[-1][0]["links"]) and not np.any(parts[-1][2])


def test_what_reads_other_cuts_every_epoch_is_refused():
    pieces = SentencePieceTokenizer.train(
        [line for pair in PAIRS * 9 for line in pair], 12, sampling_alpha=0.1
    )
    streams = "Expected cache=True with alignments; received cache=False"
    samples = "do not sample with alignments; received one with sampling_alpha"
    for tokenizer, options, message in (
        (WORDS, {}, streams),
        (pieces, {"cache": True, "shuffle": True}, samples),
    ):
        with pytest.raises(ValueError, match=message):
            corpus().batches(tokenizer, tokenizer, batch_size=2, **options)
    with pytest.raises(ValueError, match="without sampling, .*sampling_alpha=0.1"):
        ParallelText.from_pairs(PAIRS).prepare("unwritten", pieces, pieces)


def test_a_file_in_another_encoding_is_read_as_it_is_told(tmp_path):
    lines = list(corpus().alignments.lines())
    path = tmp_path / "u16.align"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-16")
    pairs = ParallelText.from_pairs(PAIRS)
    with pytest.raises(ValueError, match='Pass encoding="utf_16"'):
        pairs.with_alignments(path)
    assert list(pairs.with_alignments(path, encoding="utf_16").alignments.lines()) == lines


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), "5", 0])
def test_a_weight_that_is_no_number_above_0_is_refused(weight):
    with pytest.raises(ValueError, match="weight above 0 of guided alignment; received"):
        ParallelText.from_pairs(PAIRS).with_alignments([""] * len(PAIRS), weight)


def test_eflomal_finds_what_words_mean():
    words = dict(
        zip(
            ["one", "two", "three", "four", "five", "six"],
            ["eins", "zwei", "drei", "vier", "fünf", "sechs"],
            strict=True,
        )
    )
    random, pairs = np.random.default_rng(0), [("", ""), ("One.", "Eins.")]
    for _ in range(300):
        source = random.choice(list(words), 4, replace=False)
        pairs.append(
            (" ".join(source) + " .", " ".join(words[each] for each in source[::-1]) + " .")
        )
    found = align(ParallelText.from_pairs(pairs))
    assert len(found) == len(pairs) and found[0] == [] and found[1] == [(0, 0)]
    right = [links == [(0, 3), (1, 2), (2, 1), (3, 0), (4, 4)] for links in list(found)[2:]]
    assert np.mean(right) > 0.9
