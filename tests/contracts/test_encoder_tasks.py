"""What every task on labelled text does: it learns, answers and says where it looks."""

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import QuestionAnswerer, TextClassifier, TokenClassifier
from kerasseq.data import LabelledText, Question, QuestionAnswers, TaggedText
from kerasseq.models import (
    BertEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
)
from kerasseq.text import WordPieceTokenizer

NAMES = ["anna", "bob", "cleo", "dan"]
LINES = [
    f"{name} is in {place}" for name in NAMES for place in ("rome", "oslo", "lima", "bonn")
] * 10
PLACES = [line.split()[-1] for line in LINES]


def labelled(kind, label_of):
    """Makes a classifier of one kind, its corpus, what it reads and what it should say."""

    def make(tokenizer, encoder):
        found = [label_of(place) for place in PLACES]
        corpus = LabelledText(LINES, found)
        labels = corpus.label_names() or ["value"]
        model = SequenceClassifier(encoder, len(labels), "first", "tanh", dropout=0.0)
        return TextClassifier(model, tokenizer, labels, 16, kind=kind), corpus, LINES, found

    return make


def tagged(tokenizer, encoder):
    """A tagger of places, and the same."""
    tags = [["B-person", "O", "O", "B-place"]] * len(LINES)
    corpus = TaggedText([line.split() for line in LINES], tags)
    model = SequenceTagger(encoder, 3, dropout=0.0)
    return TokenClassifier(model, tokenizer, corpus.tag_names(), 16), corpus, LINES, tags


def answered(tokenizer, encoder):
    """A finder of places, and the same."""
    questions = [
        Question(f"where is {line.split()[0]}", line, [(place, line.index(place))])
        for line, place in zip(LINES, PLACES, strict=True)
    ]
    corpus = QuestionAnswers(questions)
    model = SpanClassifier(encoder, tokenizer.separator_id, dropout=0.0)
    finder = QuestionAnswerer(model, tokenizer, 16, overlap=2, threshold=None)
    return finder, corpus, list(corpus.pairs()), PLACES


TASKS = {
    "single_label": labelled("single_label", str),
    "multi_label": labelled("multi_label", lambda place: sorted({place[0], place[-1]})),
    "regression": labelled("regression", lambda place: float(place[0] == "r")),
    "tags": tagged,
    "answers": answered,
}


@pytest.fixture(scope="module", params=TASKS)
def fitted(request):
    keras.utils.set_random_seed(1)
    tokenizer = WordPieceTokenizer.train([*LINES, "where"], 60)
    encoder = BertEncoder(
        tokenizer.vocabulary_size, 16, 2, 2, dropout=0.0, attention_dropout=0.0,
        max_length=16, separator_id=tokenizer.separator_id,
    )  # fmt: skip
    task, corpus, inputs, expected = TASKS[request.param](tokenizer, encoder)
    options = {"epochs": 6, "batch_size": 8, "learning_rate": 1e-2, "verbose": 0}
    return task, inputs[:16], expected[:16], task.fit(corpus, validation=corpus, **options)


def test_it_learns_what_it_is_fitted_on(fitted):
    task, inputs, expected, history = fitted
    found = task.predict(inputs)
    assert len(history.history["val_loss"]) == 6
    if getattr(task, "kind", "") == "regression":
        np.testing.assert_allclose(found, expected, atol=0.1)
        assert_close(task.predict(inputs[0]), found[0])
    else:
        ours = [sorted(each) if isinstance(each, list) else each for each in found]
        right = [sorted(each) if isinstance(each, list) else each for each in expected]
        assert ours == right
        assert max(value[-1] for key, value in history.history.items() if "accuracy" in key) > 0.99
        assert found[0] == task.predict(inputs[0])


def test_the_accuracy_of_a_tagger_is_of_words():
    keras.utils.set_random_seed(2)
    # Short sentences are "x", which is learnt; long ones, in other batches, are drawn tags.
    numbers = np.random.default_rng(0)
    sentences = [["b"]] * 32 + [["a"] * 12] * 4
    tags = [["X"]] * 32 + [list(numbers.choice(["O", "X"], 12)) for _ in range(4)]
    corpus = TaggedText(sentences, tags)
    tokenizer = WordPieceTokenizer.train(["a b"], 30)
    encoder = BertEncoder(
        tokenizer.vocabulary_size, 8, 1, 2, dropout=0.0, attention_dropout=0.0, max_length=16,
        separator_id=tokenizer.separator_id,
    )  # fmt: skip
    task = TokenClassifier(SequenceTagger(encoder, 2, dropout=0.0), tokenizer, ["O", "X"], 16)
    history = task.fit(
        corpus, epochs=1, batch_size=8, learning_rate=1e-2, validation=corpus, verbose=0
    ).history
    found = [a == b for ours, right in zip(task(sentences), tags, strict=True)
             for a, b in zip(ours, right, strict=True)]  # fmt: skip
    assert history["val_accuracy"][0] == pytest.approx(np.mean(found), abs=1e-6)
    assert len({batch[0]["tokens"].shape[1] for batch in task.batches(corpus, 8)}) > 1


def test_it_says_where_every_head_looks(fitted):
    task, inputs, *_ = fitted
    tokens, attention = task.attention(inputs[0])
    assert tokens[0] == "[CLS]" and tokens[-1] == "[SEP]" and "is" in tokens
    assert attention.shape == (2, 2, len(tokens), len(tokens))
    assert_close(attention.sum(axis=-1), 1.0)


def test_what_cannot_be_described_leaves_no_half_of_a_folder(fitted, tmp_path, monkeypatch):
    task, *_ = fitted
    monkeypatch.setattr(task, "examples", [object()])
    with pytest.raises(TypeError, match="JSON"):
        task.save(tmp_path / "task")
    assert not (tmp_path / "task").exists()


def test_its_rate_decays_to_the_very_end_of_the_run(fitted):
    task, *_, history = fitted
    optimizer = task.model.optimizer
    taken = int(optimizer.iterations)
    assert taken == optimizer._learning_rate.steps == 6 * history.params["steps"]
    assert float(optimizer.learning_rate) == 0.0
