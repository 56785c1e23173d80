"""Every corpus: shuffled, each epoch has another order of the same rows; otherwise the file's."""

import functools

import numpy as np
import pytest
from PIL import Image

from kerasseq.data import (
    CaptionedImages,
    LabelledText,
    MaskedText,
    ParallelText,
    Question,
    QuestionAnswers,
    TaggedText,
)
from kerasseq.processing import Spans
from kerasseq.text import WordPieceTokenizer, WordTokenizer

ROWS = 40
NAMES = [f"w{number}" for number in range(ROWS)]
WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *NAMES])
PIECES = WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *NAMES])
# Texts of one length, so that no bucket has a say in the order; the words tell a row's place.
TEXTS = [f"{NAMES[i]} {NAMES[-1 - i]}" for i in range(ROWS)]


def pairs(folder):
    corpus = ParallelText.from_pairs(zip(TEXTS, TEXTS, strict=True))
    return functools.partial(corpus.batches, WORDS, WORDS)


def labels(folder):
    return functools.partial(LabelledText(TEXTS, NAMES).batches, WORDS.encode, NAMES)


def label_sets(folder):
    corpus = LabelledText(TEXTS, [[name] for name in NAMES])
    return functools.partial(corpus.batches, WORDS.encode, NAMES)


def values(folder):
    corpus = LabelledText(TEXTS, [i / 2 for i in range(ROWS)])
    return functools.partial(corpus.batches, WORDS.encode, ["value"])


def tags(folder):
    corpus = TaggedText([text.split() for text in TEXTS], [[name, "O"] for name in NAMES])
    return functools.partial(
        corpus.batches, lambda words: (WORDS.encode(" ".join(words)), [0, 1]), ["O", *NAMES]
    )


def answers(folder):
    corpus = QuestionAnswers([Question(text, text, [(text.split()[0], 0)]) for text in TEXTS])
    return functools.partial(corpus.batches, Spans(PIECES, 32))


def masks(folder):
    return MaskedText(TEXTS, PIECES).batches


def pictures(folder):
    paths = [folder / f"{number}.png" for number in range(ROWS)]
    for number, path in enumerate(paths):
        Image.new("L", (2, 2), number).save(path)
    return functools.partial(CaptionedImages(paths, TEXTS).batches, WORDS, image_size=(2, 2))


def epoch(batches):
    """The rows in order, each as one tuple of numbers: inputs, targets and weights."""
    rows = []
    for batch in batches.as_numpy_iterator():
        x, *rest = batch
        if "positions" in x:  # what stood behind the masks
            tokens = x["tokens"].copy()
            for row, (places, ids, real) in enumerate(zip(x["positions"], *rest, strict=True)):
                tokens[row, places[real > 0]] = ids[real > 0]
            leaves = [tokens]
        else:
            leaves = [*x.values(), *rest]
        count = len(leaves[0])
        flat = np.concatenate([leaf.reshape(count, -1).astype("float64") for leaf in leaves], 1)
        rows += [tuple(row) for row in flat]
    return rows


@pytest.mark.parametrize(
    "corpus", [pairs, labels, label_sets, values, tags, answers, masks, pictures]
)
def test_the_order_is_the_seed_s_and_another_one_every_epoch(corpus, tmp_path):
    make = corpus(tmp_path)

    def two_epochs(**options):
        batches = make(batch_size=4, **options)
        return epoch(batches), epoch(batches)

    plain, again = two_epochs()
    assert plain == again and len(plain) == ROWS
    column = 1 if corpus in (masks, answers) else 0  # after the symbol that begins a row
    assert np.all(np.diff([row[column] for row in plain]) == 1)
    first, second = two_epochs(shuffle=True, seed=1)
    assert plain != first != second != plain
    assert sorted(first) == sorted(second) == plain
    assert two_epochs(shuffle=True, seed=1) == (first, second)
    assert two_epochs(shuffle=True, seed=2)[0] != first
    # Neighbours part: a shuffle of whole batches, or within them, is none.
    order = np.array([plain.index(row) for row in first])
    assert np.sum(np.abs(np.diff(order)) == 1) < ROWS / 4
    assert np.mean(np.abs(order - np.arange(ROWS))) > ROWS / 8
