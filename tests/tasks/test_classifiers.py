"""A text classifier and a tagger: trained, saved, exported."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from closeness import assert_close
from kerasseq import TextClassifier, TokenClassifier
from kerasseq.data import LabelledText, TaggedText
from kerasseq.export import LiteClassifier, LiteTagger, SavedClassifier, SavedTagger
from kerasseq.models import (
    BertEncoder,
    RecurrentTextEncoder,
    SequenceClassifier,
    SequenceTagger,
)
from kerasseq.processing.tags import split_words
from kerasseq.text import SentencePieceTokenizer, WordPieceTokenizer, WordTokenizer

GOOD = ["good", "great", "moving", "funny", "warm"]
BAD = ["bad", "dull", "cold", "boring", "flat"]
FILLER = ["a", "the", "film", "story", "and", "it", "was", "is", "with", "this", "cast", "very"]
NAMES = ["Anna", "Bob", "Cleo", "Dan"]
CITIES = ["Rome", "Oslo", "Lima", "Kyiv"]
# White space, and what only some call so.
SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2009\u2028\u2029\u202f\u3000\0\ufeff\u200b"


def reviews(count, seed):
    numbers = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        good = bool(numbers.integers(2))
        words = list(numbers.choice(FILLER, numbers.integers(2, 9)))
        words.insert(numbers.integers(len(words)), numbers.choice(GOOD if good else BAD))
        texts.append(" ".join(words))
        labels.append("positive" if good else "negative")
    return LabelledText(texts, labels)


def small_bert(tokenizer):
    return BertEncoder(
        tokenizer.vocabulary_size, 24, 2, 3, dropout=0.0, attention_dropout=0.0,
        max_length=64, separator_id=tokenizer.separator_id,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["lstm-words", "gru-pieces", "bert"])
def classifier(request):
    keras.utils.set_random_seed(1)
    train, held_out = reviews(400, 0), reviews(60, 1)
    if request.param == "bert":
        tokenizer = WordPieceTokenizer.train(train.texts(), 80)
        model = SequenceClassifier(small_bert(tokenizer), 2, "first", "tanh", dropout=0.0)
    elif request.param == "lstm-words":
        tokenizer = WordTokenizer.train(train.texts())
        encoder = RecurrentTextEncoder(tokenizer.vocabulary_size, 16, 24, dropout=0.0)
        model = SequenceClassifier(encoder, 2, "max", dropout=0.0)
    else:
        tokenizer = SentencePieceTokenizer.train(train.texts(), vocabulary_size=60)
        encoder = RecurrentTextEncoder(
            tokenizer.vocabulary_size, 16, 24, cell="gru", bidirectional=False, dropout=0.0
        )
        model = SequenceClassifier(encoder, 2, "mean", dropout=0.0)
    classifier = TextClassifier(
        model, tokenizer, train.label_names(), 40, examples=list(held_out.texts())
    )
    model.compile(
        keras.optimizers.Adam(1e-3 if request.param == "bert" else 0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    batches = train.batches(classifier.ids, classifier.labels, 32, shuffle=True)
    model.fit(batches, epochs=20 if request.param == "bert" else 6, verbose=0)
    return classifier


def test_it_learns(classifier):
    assert classifier.scores(reviews(100, 2))["accuracy"] > 0.95
    assert classifier("a great film") == "positive"
    found = next(classifier.classify(["a dull story"]))
    assert [label.text for label in found] == ["negative", "positive"]
    assert found[0].score > found[1].score and abs(found[0].score + found[1].score - 1) < 1e-5


def test_neither_padding_nor_other_rows_change_an_answer(classifier):
    texts = ["", "unheard words", *classifier.examples, "the " * 300 + "bad"]
    together = np.stack(list(classifier.probabilities(texts)))
    alone = np.stack([next(classifier.probabilities([text])) for text in texts])
    assert_close(together, alone)


def test_save_and_load(classifier, tmp_path):
    classifier.save(tmp_path / "c")
    again = TextClassifier.load(tmp_path / "c")
    texts = classifier.examples
    ours, theirs = (np.stack(list(each.probabilities(texts))) for each in (classifier, again))
    assert_close(ours, theirs)
    assert again.labels == classifier.labels and again.examples == texts
    classifier.model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    tokens = np.array([[5, 6, 7], [8, 0, 0]], "int32")
    assert_close(loaded({"tokens": tokens}), classifier.model({"tokens": tokens}))
    for kept, weight in zip(loaded.get_weights(), classifier.model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)
    (tmp_path / "c" / "classifier.json").write_text("[]")
    with pytest.raises(ValueError, match=r"classifier\.json"):
        TextClassifier.load(tmp_path / "c", verify=False)


def test_exports_answer_as_python(classifier, tmp_path, as_tf_serving):
    texts = ["", "unheard words", *classifier.examples]
    report = classifier.export(tmp_path / "1", texts)
    assert report["identical"] == 1.0 and report["score_difference"] < 1e-4
    signatures = SavedClassifier(tmp_path / "1").signatures
    found = signatures["serving_default"](text=tf.constant(texts))
    expected = np.stack(list(classifier.probabilities(texts)))
    assert_close(found["probabilities"], expected)
    assert [label.decode() for label in found["labels"].numpy()[0]] == classifier.labels
    if isinstance(classifier.model.encoder, BertEncoder):
        served = as_tf_serving(tmp_path / "1", {"text": texts}, "probabilities")
        assert_close(served, expected)
        tokens, attention = classifier.attention(texts[2])
        found = signatures["attention"](text=tf.constant(texts[2:3]))
        assert [token.decode() for token in found["tokens"].numpy()[0]] == tokens
        assert_close(found["attention"][0], attention)
    else:
        assert "attention" not in signatures
        with pytest.raises(ValueError, match="received RecurrentTextEncoder"):
            classifier.attention("a film")
    for quantize in (None, "float16", "int8"):
        path = tmp_path / f"{quantize}.tflite"
        assert classifier.export(path, texts, quantize=quantize)["identical"] >= 0.95
        lite = LiteClassifier(path)
        operators = {detail["op_name"] for detail in lite.interpreter._get_ops_details()}
        assert not [name for name in operators if name.startswith("Flex") or name == "CUSTOM"]


def similarity(count, seed):
    """Pairs of texts that hold the same loaded word, or not; as label, labels and number."""
    numbers = np.random.default_rng(seed)
    pairs, same = [], []
    for _ in range(count):
        words = numbers.choice(GOOD[:3], 2)
        pairs.append(tuple(f"{numbers.choice(FILLER)} {word}" for word in words))
        same.append(bool(words[0] == words[1]))
    return pairs, same


@pytest.mark.parametrize("kind", ["single_label", "multi_label", "regression"])
def test_pairs_with_a_label_several_or_a_number(kind, tmp_path):
    keras.utils.set_random_seed(2)
    losses = keras.losses
    labels_of = {
        "single_label": (str, losses.SparseCategoricalCrossentropy(from_logits=True)),
        "multi_label": (
            lambda same: ["text"] + ["same"] * same,
            losses.BinaryCrossentropy(from_logits=True),
        ),
        "regression": (lambda same: 2.0 * same - 1.0, losses.MeanSquaredError()),
    }
    label_of, loss = labels_of[kind]
    train, test = (
        LabelledText(pairs, [label_of(one) for one in same])
        for pairs, same in (similarity(600, 0), similarity(100, 1))
    )
    tokenizer = WordPieceTokenizer.train((text for pair in train.texts() for text in pair), 80)
    labels = ["value"] if kind == "regression" else train.label_names()
    model = SequenceClassifier(small_bert(tokenizer), len(labels), "first", dropout=0.0)
    classifier = TextClassifier(
        model, tokenizer, labels, 20, examples=list(test.take(30).texts()), kind=kind
    )
    model.compile(keras.optimizers.Adam(1e-3), loss)
    model.fit(train.batches(classifier.ids, labels, 32, shuffle=True), epochs=20, verbose=0)
    scores = classifier.scores(test)
    assert scores.get("accuracy", 1) > 0.95 and scores.get("pearson", 1) > 0.95
    assert scores.get("micro_f1", 1) > 0.95
    answer = classifier(("a great", "the great"))
    expected = {"single_label": "True", "multi_label": ["same", "text"]}
    if kind == "regression":
        assert abs(answer - 1) < 0.4
    else:
        assert (sorted(answer) if kind == "multi_label" else answer) == expected[kind]
    for path in ("1", "float.tflite"):
        report = classifier.export(tmp_path / path)
        assert report["identical"] == 1.0 and report["score_difference"] < 1e-4
    classifier.save(tmp_path / "c")
    again = TextClassifier.load(tmp_path / "c")
    assert again(classifier.examples) == classifier(classifier.examples)
    assert again.examples == classifier.examples


def sentences(count, seed):
    numbers = np.random.default_rng(seed)
    words, tags = [], []
    for _ in range(count):
        row = [(word, "O") for word in numbers.choice(FILLER, numbers.integers(1, 6))]
        row.append((str(numbers.choice(NAMES)), "B-person"))
        if numbers.integers(2):
            row.append((str(numbers.choice(NAMES)), "I-person"))
        row += [("in", "O"), (str(numbers.choice(CITIES)), "B-place")]
        words.append([word for word, _ in row])
        tags.append([tag for _, tag in row])
    return TaggedText(words, tags)


@pytest.fixture(scope="module", params=["lstm-words", "bert"])
def tagger(request):
    keras.utils.set_random_seed(1)
    if request.param == "bert":  # of so few pieces that names are cut
        train = sentences(1600, 0)
        tokenizer = WordPieceTokenizer.train(train.words(), 40)
        encoder = small_bert(tokenizer)
        assert len(tokenizer.encode("Cleo")) > 1
    else:
        train = sentences(200, 0)
        tokenizer = WordTokenizer.train(train.words())
        encoder = RecurrentTextEncoder(tokenizer.vocabulary_size, 16, 24, dropout=0.0)
    model = SequenceTagger(encoder, len(train.tag_names()), dropout=0.0)
    tagger = TokenClassifier(model, tokenizer, train.tag_names(), max_length=60)
    model.compile(
        keras.optimizers.Adam(1e-3 if request.param == "bert" else 0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    epochs = 16 if request.param == "bert" else 8
    model.fit(train.batches(tagger.row, tagger.labels, 20, shuffle=True), epochs=epochs, verbose=0)
    return tagger


def test_a_tagger_finds_entities_of_several_words(tagger):
    scores = tagger.scores(sentences(50, 1))
    assert scores["f1"] > 0.85 and set(scores["by_kind"]) == {"person", "place"}
    long = [(words, tags) for words, tags in sentences(100, 2) if "I-person" in tags]
    words, tags = zip(*long, strict=True)
    found = tagger(list(words))
    assert np.mean([ours == right for ours, right in zip(found, tags, strict=True)]) > 0.8


def test_tags_are_one_a_word_whatever_the_words(tagger):
    odd = [[], ["unheard"], ["two words", "", "Anna"], ["Anna"] * 300]
    with pytest.warns(UserWarning, match="at most 60 tokens; received 1 of 4"):
        found = tagger(odd)
    assert [len(row) for row in found] == [0, 1, 3, 300]
    assert found == [row for words in odd for row in tagger([words])]


def test_a_string_is_a_sentence_and_a_list_holds_sentences(tagger):
    words = ["it", "saw", "Anna", "in", "Rome"]
    line = " ".join(words)
    (tags,) = tagger([words])
    assert len(tags) == 5 and tagger(line) == tagger(line.encode()) == tags
    assert tagger([line, "Anna", words]) == [tags, tagger("Anna"), tags]
    assert tagger("") == [] and tagger([]) == []
    assert [len(tagger(f"it{space}saw")) for space in "\xa0\u3000\u2028\x85\x1c"] == [2, 2, 2, 2, 1]


def test_a_tagger_is_exported_and_cuts_words_alike(tagger, tmp_path):
    spaced = [f"{space}it{space}saw {space} Anna{space}in Rome{space}" for space in SPACES]
    lines = ["", "unheard words in Rome", *sentences(30, 5).words(), "Anna " * 300, *spaced]
    report = tagger.export(tmp_path / "1", lines)
    assert report["identical"] == 1.0 and report["score_difference"] < 1e-4
    signature = SavedTagger(tmp_path / "1").signatures["serving_default"]
    found = signature(text=tf.constant(["it saw Anna", "in Rome"]))
    assert found["words"].numpy()[1].tolist() == [b"in", b"Rome", b""]
    assert found["tags"].numpy()[1].tolist() == [b"O", b"B-place", b""]
    for line, words in zip(spaced, signature(text=tf.constant(spaced))["words"], strict=True):
        assert [word.decode() for word in words.numpy() if word] == split_words(line)
    # Trained on several threads, the weights differ a little from run to run, and so does int8.
    for quantize, least in ((None, 1.0), ("int8", 0.9)):
        path = tmp_path / f"{quantize}.tflite"
        assert tagger.export(path, lines, quantize=quantize)["identical"] >= least
        operators = {
            detail["op_name"] for detail in LiteTagger(path).interpreter._get_ops_details()
        }
        assert not [name for name in operators if name.startswith("Flex") or name == "CUSTOM"]


def test_a_tagger_is_saved_and_loaded(tagger, tmp_path):
    tagger.save(tmp_path / "t")
    test = sentences(20, 3)
    assert TokenClassifier.load(tmp_path / "t")(test.sentences) == tagger(test.sentences)


def test_a_wrong_argument_gets_one_sentence():
    tokenizer = WordTokenizer.train(["a good film"])
    encoder = RecurrentTextEncoder(tokenizer.vocabulary_size, 8, 8)
    model, labels = SequenceClassifier(encoder, 2), ["negative", "positive"]
    with pytest.raises(ValueError, match="2 .*labels.*received one"):
        TextClassifier(model, tokenizer, ["one"], 40)
    with pytest.raises(ValueError, match="max_length.*received 3"):
        TextClassifier(model, tokenizer, labels, 3)
    with pytest.raises(ValueError, match="kind.*received 'other'"):
        TextClassifier(model, tokenizer, labels, 40, kind="other")
    with pytest.raises(ValueError, match="label.*received negative, positive"):
        TextClassifier(model, tokenizer, labels, 40, kind="regression")
    with pytest.raises(ValueError, match="labels.*received O, O"):
        TokenClassifier(SequenceTagger(encoder, 2), tokenizer, ["O", "O"], 40)
    with pytest.raises(ValueError, match="pooling.*received 'sum'"):
        SequenceClassifier(encoder, 2, pooling="sum")
    with pytest.raises(ValueError, match="hidden_dim.*received 9"):
        RecurrentTextEncoder(9, 8, 9)
