"""What a task on a text encoder cannot read, learn from or be made of gets one sentence."""

import json
import math
import re

import keras
import numpy as np
import pytest

import kerasseq as ks
from kerasseq.data import LabelledText, MaskedText, Question, QuestionAnswers, TaggedText
from kerasseq.export import LiteClassifier, LiteQuestionAnswerer, LiteTagger
from kerasseq.models import (
    BertEncoder,
    MaskedLanguageModel,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
)
from kerasseq.tasks.fit_options import held_out
from kerasseq.tasks.load import kinds
from kerasseq.text import (
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)
from kerasseq.training import fine_tuning_optimizer

TEXTS = ["a warm film", "a cold film", "who made it", "nobody did"]


@pytest.fixture(scope="module")
def tokenizer():
    return WordPieceTokenizer.train(TEXTS, 60)


@pytest.fixture(scope="module")
def encoder(tokenizer):
    return BertEncoder(
        tokenizer.vocabulary_size, 8, 1, 1, max_length=32, separator_id=tokenizer.separator_id
    )


@pytest.fixture(scope="module")
def classifier(encoder, tokenizer):
    return ks.TextClassifier(SequenceClassifier(encoder, 2), tokenizer, ["bad", "good"], 32)


@pytest.fixture(scope="module")
def tagger(encoder, tokenizer):
    return ks.TokenClassifier(SequenceTagger(encoder, 2), tokenizer, ["O", "B-x"], 32)


@pytest.fixture(scope="module")
def finder(encoder, tokenizer):
    return ks.QuestionAnswerer(SpanClassifier(encoder, tokenizer.separator_id), tokenizer, 32)


@pytest.fixture(scope="module")
def filler(encoder, tokenizer):
    return ks.MaskFiller(MaskedLanguageModel(encoder), tokenizer, 32)


@pytest.fixture(scope="module")
def lite(classifier, tagger, finder, tmp_path_factory):
    """The three tasks' files."""
    folder = tmp_path_factory.mktemp("lite")
    examples = {"classifier": TEXTS, "tagger": TEXTS, "span_finder": [("who?", "nobody did")]}
    for task in (classifier, tagger, finder):
        task.export(folder / f"{task.name}.tflite", examples[task.name])
    return folder


@pytest.mark.parametrize("given", [None, 5, ["fine", 3], [None], ("a", "b", "c"), ("a", None)])
def test_a_classifier_reads_texts_and_pairs(classifier, given):
    with pytest.raises(ValueError, match=r"^Expected .*; received "):
        classifier(given)


@pytest.mark.parametrize("given", [None, 5, ["fine", 3], [["fine", None]]])
def test_a_tagger_reads_sentences_and_words(tagger, given):
    with pytest.raises(ValueError, match=r"^Expected .*; received "):
        tagger(given)


@pytest.mark.parametrize("given", [None, "who?", ("who?", None), ["who?", "nobody did"], [5]])
def test_a_finder_reads_pairs(finder, given):
    with pytest.raises(ValueError, match=r"^Expected .*; received "):
        finder(given)


def test_sizes_are_whole_numbers(classifier, tagger, finder, filler, encoder, tokenizer):
    for task, given in (
        (classifier, "a film"),
        (tagger, "a film"),
        (finder, ("who", "nobody did")),
        (filler, "a [MASK]"),
    ):
        for size in (0, -1, 1.5, "8", True, None):
            with pytest.raises(ValueError, match=f"batch_size as a whole .*received {size!r}"):
                task(given, batch_size=size)
    words = WordTokenizer.train(TEXTS)
    model = ks.models.RecurrentSeq2Seq(*[words.vocabulary_size] * 2, 4, 4, 1)
    for length in (0, -1, 8.5, "8", None):
        for name in ("max_length", "max_source_length"):
            with pytest.raises(ValueError, match=f"{name} as a whole .*received {length!r}"):
                ks.Translator(model, words, words, **{name: length})
        with pytest.raises(ValueError, match="Expected max_length .*received"):
            ks.TextClassifier(classifier.model, tokenizer, ["bad", "good"], length)
    translator = ks.Translator(model, words, words, max_length=np.int64(8))
    assert json.dumps(translator.processor.get_config())  # as `save` writes it


def test_a_filler_reads_a_text(filler):
    for given in (None, [["a [MASK]"]], 5):
        with pytest.raises(ValueError, match="^Expected .*; received "):
            filler(given)
    assert filler(b"a [MASK] film") == filler("a [MASK] film")
    assert filler(["a [MASK] film"]) == [filler("a [MASK] film")]
    with pytest.raises(ValueError, match="received a MaskFiller"):
        filler.export("model.tflite", ["a [MASK]"])


def test_a_single_text_is_not_read_letter_by_letter(classifier, tagger, finder, lite):
    calls = [
        lambda: list(classifier.classify("good")),
        lambda: list(classifier.probabilities("good")),
        lambda: list(classifier.answers(("a", "b"))),
        lambda: tagger.tag("good"),
        lambda: tagger.probabilities("good"),
        lambda: list(finder.answers(("who?", "nobody"))),
        lambda: LiteClassifier(lite / "classifier.tflite").answers("good"),
        lambda: LiteClassifier(lite / "classifier.tflite").answers(("a", "b")),
        lambda: LiteTagger(lite / "tagger.tflite").answers("good"),
        lambda: LiteQuestionAnswerer(lite / "span_finder.tflite").answers(("who?", "nobody")),
        lambda: LabelledText("ab", ["x", "y"]),
        lambda: LabelledText(["a", "b"], "xy"),
        lambda: TaggedText(["a b"], ["O O"]),
        lambda: MaskedText("abc", classifier.tokenizer),
        lambda: WordPieceTokenizer.train("lines.txt", 60),
        lambda: WordTokenizer.train("lines.txt"),
        lambda: CharacterTokenizer.train("lines.txt"),
        lambda: SentencePieceTokenizer.train("lines.txt", 60),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"received .* \((str|tuple)\)"):
            call()


def test_a_file_is_opened_by_the_class_of_its_task(lite):
    for runtime in (LiteClassifier, LiteTagger, LiteQuestionAnswerer):
        for name in {"classifier", "tagger", "span_finder"} - {runtime.name}:
            with pytest.raises(ValueError, match=f"{runtime.name}.*received .* {name}"):
                runtime(lite / f"{name}.tflite")


@pytest.mark.parametrize("labels", [[0.1, 0.2, 0.3, 0.4], [["good"], [], ["bad"], ["good"]]])
def test_labels_are_of_the_classifier_s_kind(classifier, labels):
    corpus = LabelledText(TEXTS, labels)
    for learn in (classifier.fit, classifier.scores):
        with pytest.raises(ValueError, match="single_label.*received .*(multi_label|regression)"):
            learn(corpus)


def test_a_task_learns_from_its_own_corpus(classifier, tagger, finder):
    labelled = LabelledText(TEXTS, ["good", "bad"] * 2)
    answered = QuestionAnswers([Question("who?", "nobody did", [])])
    for task, corpus in (
        (classifier, TEXTS), (classifier, None), (classifier, answered), (tagger, labelled),
        (finder, labelled),
    ):  # fmt: skip
        for learn in (task.fit, task.scores, lambda given, task=task: task.batches(given, 2)):
            with pytest.raises(ValueError, match=rf"kerasseq\.data\.{task.corpus}; received"):
                learn(corpus)
    with pytest.raises(ValueError, match=r"kerasseq\.data\.LabelledText; received"):
        classifier.fit(labelled, validation=answered, verbose=0)
    for wrong, said in (
        ({"epochs": 0}, "epochs as a whole number of at least 1; received 0"),
        ({"batch_size": 2.5}, "batch_size as a whole number of at least 1; received 2.5"),
        ({"learning_rate": -1.0}, "learning_rate as a number of 0 or above; received -1.0"),
        ({"learning_rate": "1e-3"}, "learning_rate as a number of 0 or above; received '1e-3'"),
        ({"learning_rate": math.nan}, "received nan"),
        ({"lerning_rate": 1e-3}, "received lerning_rate. Did you mean learning_rate"),
        ({"verbos": 0}, "received verbos. Did you mean verbose"),
        ({"shuffle": True}, "that fit takes; received shuffle"),
        ({"callbacks": keras.callbacks.Callback()}, "callbacks as a list"),
        ({"callbacks": [keras.callbacks.EarlyStopping]}, "callbacks as a list of objects"),
    ):
        with pytest.raises(ValueError, match=said):
            classifier.fit(labelled, **wrong)
    for wrong in ({"validation_data": labelled}, {"validation_split": 0.1}):
        with pytest.raises(ValueError, match=f"received {next(iter(wrong))}. Call it validation"):
            classifier.fit(labelled, **wrong)


def test_a_share_of_a_corpus_is_held_out(classifier, tokenizer, monkeypatch):
    texts = [f"film {n} is {word}" for n in range(40) for word in ("good", "bad")]
    corpus = LabelledText(texts, ["good", "bad"] * 40)
    before, parts, own = classifier.model.get_weights(), [], type(classifier).batches

    def batches(task, part, *arguments, **options):
        parts.append(set(part.texts()))
        return own(task, part, *arguments, **options)

    monkeypatch.setattr(type(classifier), "batches", batches)
    history = classifier.fit(corpus, epochs=1, learning_rate=0.0, validation=0.1, verbose=0)
    classifier.model.set_weights(before)
    assert "val_accuracy" in history.history
    assert [*map(len, parts)] == [72, 8] and not parts[0] & parts[1]
    with pytest.raises(ValueError, match="the share 0.1 of a MaskedText, which is not split"):
        held_out(MaskedText(texts, tokenizer), 0.1, 0)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_to_learn_is_finite(value):
    with pytest.raises(ValueError, match=f"received {value}"):
        LabelledText(["a"], [value])


def test_a_tab_after_the_label_is_noticed(tmp_path):
    (tmp_path / "rows.tsv").write_text("0\ta film\n")
    with pytest.raises(ValueError, match="received a tab"):
        LabelledText.from_lines(tmp_path / "rows.tsv")
    found = LabelledText.from_csv(tmp_path / "rows.tsv", [1], 0, delimiter="\t")
    assert list(found) == [("a film", "0")]


@pytest.mark.parametrize("labels", [[0, 1], ["x", None], 2, [], "ab", None])
def test_labels_are_names(encoder, tokenizer, labels):
    with pytest.raises(ValueError, match=re.escape(f"received {labels!r}")):
        ks.TextClassifier(SequenceClassifier(encoder, 2), tokenizer, labels, 32)


def test_parts_fit_together(encoder, tokenizer):
    head = SequenceClassifier(encoder, 2)
    for make in (
        lambda: ks.TokenClassifier(head, tokenizer, ["O", "B-x"], 32),
        lambda: ks.QuestionAnswerer(head, tokenizer, 32),
        lambda: ks.MaskFiller(head, tokenizer, 32),
        lambda: ks.TextClassifier(encoder, tokenizer, ["a", "b"], 32),
    ):
        with pytest.raises(ValueError, match="(Sequence|Span|Masked).*; received "):
            make()
    with pytest.raises(ValueError, match="max_length.*32 .*received"):
        ks.MaskFiller(MaskedLanguageModel(encoder), tokenizer)
    larger = WordTokenizer.train([f"word{number}" for number in range(100)])
    with pytest.raises(ValueError, match="tokenizer.*received .*104"):
        ks.TextClassifier(head, larger, ["a", "b"], 32)


def test_weights_in_half_precision_are_not_fine_tuned(tokenizer):
    half = BertEncoder(tokenizer.vocabulary_size, 8, 1, 1, max_length=32, dtype="bfloat16")
    with pytest.raises(ValueError, match="received bfloat16"):
        fine_tuning_optimizer(SequenceClassifier(half, 2, dtype="bfloat16"), 10)


@pytest.mark.parametrize("layer_decay", [0, 1.5, -1])
def test_layers_decay_within_range(encoder, layer_decay):
    with pytest.raises(ValueError, match=f"layer_decay.*received {layer_decay}"):
        fine_tuning_optimizer(SequenceClassifier(encoder, 2), 10, layer_decay=layer_decay)


def test_a_folder_holds_one_task(classifier, filler, tmp_path):
    assert {task.name for task in kinds().values()} == set(kinds())
    filler.save(tmp_path)
    with pytest.raises(ValueError, match=f"received {re.escape(str(tmp_path))}.* mask_filler"):
        classifier.save(tmp_path)
    filler.save(tmp_path)  # its own kind may be written again
    assert isinstance(ks.tasks.load(tmp_path), ks.MaskFiller)
