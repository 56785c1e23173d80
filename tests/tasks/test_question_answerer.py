"""The question answerer: trained, read in parts, saved, exported."""

import json
import warnings

import keras
import numpy as np
import pytest

from kerasseq import QuestionAnswerer
from kerasseq.data import Question, QuestionAnswers
from kerasseq.export import LiteQuestionAnswerer
from kerasseq.models import BertEncoder, SpanClassifier
from kerasseq.processing import Spans
from kerasseq.text import Tokenizer, WordPieceTokenizer

NAMES = ["Anna", "Bob", "Cleo", "Dan"]
CITIES = ["Rome", "Oslo", "Lima", "Kyiv", "Bonn", "Cairo"]
FILLER = ["on", "the", "day", "it", "was", "cold", "and", "they", "had", "no", "bread"]


def questions(count, seed, filler=3):
    """ "… Anna (in Rome). …": where is Anna? Two in five have no answer."""
    numbers = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        names = numbers.choice(NAMES, 3, replace=False)
        city = str(numbers.choice(CITIES))
        before, after = (" ".join(numbers.choice(FILLER, filler)) for _ in range(2))
        context = f"{before} {names[0]} (in {city}). {after} {names[1]}."
        if numbers.random() < 0.4:
            found.append(Question(f"Where is {names[2]}?", context, []))
        else:
            start = context.index(f"in {city}")
            found.append(Question(f"Where is {names[0]}?", context, [(f"in {city}", start)]))
    return QuestionAnswers(found)


@pytest.fixture(scope="module")
def finder():
    keras.utils.set_random_seed(1)
    train = QuestionAnswers([*questions(800, 0), *questions(200, 9, filler=60)])
    lines = [text for pair in train.pairs() for text in pair]
    tokenizer = WordPieceTokenizer.train(lines, 120)
    encoder = BertEncoder(
        tokenizer.vocabulary_size, 32, 2, 4, dropout=0.0, attention_dropout=0.0,
        max_length=64, separator_id=tokenizer.separator_id,
    )  # fmt: skip
    model = SpanClassifier(encoder, tokenizer.separator_id, dropout=0.0)
    finder = QuestionAnswerer(model, tokenizer, 40, overlap=10, longest=8)
    model.compile(
        keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.fit(finder.batches(train, 32, shuffle=True), epochs=24, verbose=0)
    finder.examples = list(questions(40, 5).pairs())
    return finder


def test_it_finds_answers_and_their_absence(finder):
    test = questions(200, 1)
    scores = finder.scores(test)
    assert scores["exact_match"] > 0.9 and scores["f1"] >= scores["exact_match"]
    unanswered = [pair for pair, each in zip(test.pairs(), test, strict=True) if not each.answers]
    assert np.mean([found == "" for found in finder(unanswered)]) > 0.8
    for (_, context), (found,) in zip(test.pairs(), finder.answers(test.pairs()), strict=True):
        assert context[found.start :].startswith(found.text)


def test_a_long_context_is_read_in_parts(finder):
    long = questions(60, 2, filler=60)
    every = map(finder.processor.clean, long.pairs())
    assert all(len(finder.processor.rows(each)) > 2 for each in every)
    assert finder.scores(long)["exact_match"] > 0.6
    together = finder(list(long.pairs()))
    assert together == [finder(pair) for pair in long.pairs()]


def test_every_answer_is_a_target_once_it_fits(finder):
    corpus = questions(100, 3, filler=30)
    for each in corpus:
        cut = [unit.text for unit in finder.tokenizer.units(each.context)]
        held = 0
        one = QuestionAnswers([each])
        batches = list(finder.batches(one, 8))
        for inputs, places in batches:
            for row, (first, last) in zip(inputs["tokens"].numpy(), places.numpy(), strict=True):
                if first:
                    held += 1
                    text = finder.tokenizer.decode(row[first : last + 1])
                    assert text == each.answers[0][0].lower()
        assert held >= bool(each.answers) and "".join(cut) == each.context


class Pieces(Tokenizer):
    """A tokenizer of two words, of one piece and of four."""

    lead_ids, close_ids, separator_ids = (1,), (3,), (3,)

    def encode(self, text):
        return [piece for word in text.split() for piece in WORDS[word]]


WORDS = {"one": [5], "four": [6, 7, 8, 9]}


@pytest.mark.parametrize(
    ("answer", "found"),
    [("one", [[5, 5]]), ("four", [[0, 0]] * 2), ("one four", [[0, 0]] * 2)],
)
def test_a_row_that_cuts_a_word_of_the_answer_does_not_hold_it(answer, found):
    # A row of 9 ids has room for 5 of the context: for "four" they are 5 5 6 7 8 and 7 8 9 5.
    corpus = QuestionAnswers([Question("one", f"one one {answer} one", [(answer, 8)])])
    batches = corpus.batches(Spans(Pieces(), 9, 2), 1)
    assert [places.numpy().tolist() for _, places in batches] == [[each] for each in found]


def test_exports_answer_as_python(finder, tmp_path, as_tf_serving):
    pairs = [*finder.examples, *questions(5, 6, filler=60).pairs(), ("", ""), ("Where?", "")]
    for path in ("1", "float.tflite"):
        report = finder.export(tmp_path / path, pairs)
        assert report["identical"] == 1.0 and report["score_difference"] < 1e-3
    asked, contexts = map(list, zip(*pairs[:5], strict=True))
    inputs = {"question": asked, "context": contexts}
    served = as_tf_serving(tmp_path / "1", inputs, "answer")
    assert [text.decode() for text in served] == finder(pairs[:5])
    for quantize in ("float16", "int8"):
        assert finder.export(tmp_path / "small.tflite", pairs, quantize=quantize)["identical"] > 0.9


def test_a_question_that_is_cut_is_said(finder, tmp_path):
    """A row of 40 ids leaves a question 18: half of it, less the two symbols around."""
    context = questions(1, 7).questions[0].context
    fits, longer = " ".join(["day"] * 18), " ".join(["day"] * 25)
    finder.export(tmp_path / "model.tflite", [(fits, context)])
    wide = finder.processor.replace(max_length=384)
    assert wide.rows((" ".join(["day"] * 70), finder.tokenizer.units(context)))[0].cut == 6
    for answers in (finder, LiteQuestionAnswerer(tmp_path / "model.tflite")):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            short = answers([(fits, context)])
        said = r"questions of at most 18 tokens; received 2 of 3 .* the first by 7 tokens: .*fewer"
        with pytest.warns(UserWarning, match=said):
            found = answers([(fits, context), (longer, context), (longer, context)])
        assert found == short * 3


def test_save_and_load(finder, tmp_path):
    finder.save(tmp_path / "f")
    again = QuestionAnswerer.load(tmp_path / "f")
    assert again(finder.examples) == finder(finder.examples)
    assert (
        again.processor.get_config() == finder.processor.get_config()
        and again.examples == finder.examples
    )


@pytest.mark.parametrize("answer", [("", 0), (" ", 1), ("a", -3), ("b", -1)])
def test_an_answer_stands_in_its_context(answer):
    text, start = answer
    row = {"question": "q", "context": "a b", "answers": {"text": [text], "answer_start": [start]}}
    for read in (
        lambda: QuestionAnswers([Question("q", "a b", [(text.strip(), start)])]),
        lambda: QuestionAnswers.from_rows([row]),
    ):
        with pytest.raises(ValueError, match=r"^Expected .*answer.*; received "):
            read()


def test_squad_files_are_read(tmp_path, data_folder):
    context = "Paris,\u00a0 the capital"
    answers = [{"text": "the capital", "answer_start": 8}]
    entry = {"question": "What?", "answers": answers, "id": "1"}
    path = tmp_path / "squad.json"
    article = {"title": "Paris", "paragraphs": [{"context": context, "qas": [entry]}]}
    path.write_text(json.dumps({"data": [article]}))
    (found,) = QuestionAnswers.from_squad(path)
    assert found == Question("What?", "Paris, the capital", [("the capital", 7)], "Paris")
    answers[0].update(text="\u00a0 the capital ", answer_start=6)
    path.write_text(json.dumps({"data": [article]}))
    (again,) = QuestionAnswers.from_squad(path)
    assert again == found
    path.write_text("[]")
    with pytest.raises(ValueError, match=r"squad\.json"):
        QuestionAnswers.from_squad(path)
    assert len(QuestionAnswers([found, found]).of_titles(iter(["Rome", "Paris"]))) == 2
    with pytest.raises(ValueError, match="'x' .* 0 "):
        QuestionAnswers([Question("?", "context", [("text", 3), ("x", 0)])])
    if data_folder is not None:
        xquad = QuestionAnswers.from_squad(data_folder / "xquad" / "en.json.gz")
        assert len(xquad) == 1190 and len(xquad.titles()) == 48
        part = xquad.of_titles(xquad.titles()[:3])
        assert 0 < len(part) < len(xquad) and part.titles() == xquad.titles()[:3]
