"""What is told of a translation before it is whole."""

import itertools

import keras
import numpy as np
import pytest

from kerasseq import Translator
from kerasseq.decoding import Beam, Greedy
from kerasseq.models import Transformer
from kerasseq.processing import Glossary
from kerasseq.tasks.stream import shared
from kerasseq.text import SentencePieceTokenizer, WordTokenizer


@pytest.fixture(scope="module")
def translator(number_text):
    keras.utils.set_random_seed(7)
    train, validation, _ = number_text
    source = WordTokenizer.train(source for source, _ in train)
    target = SentencePieceTokenizer.train((target for _, target in train), 50)
    model = Transformer(source.vocabulary_size, target.vocabulary_size, 32, 1, 4)
    model.set_weights([2 * weight for weight in model.get_weights()])
    examples = [source for source, _ in validation[:20]]
    return Translator(model, source, target, Beam(3), 14, 24, examples=examples)


RULES = {"no_repeat_ngram": 2, "max_length_ratio": 2.0}


@pytest.mark.parametrize(
    "search", [Greedy(), Greedy(**RULES), Beam(3), Beam(4, 0.5, **RULES)], ids=str
)
def test_what_is_streamed_only_grows_and_ends_as_the_answer(translator, search):
    lines = ["", *translator.examples[:4]]
    for line in lines:
        told = list(translator.stream(line, search))
        assert told[-1] == translator(line, search=search)
        assert all(after.startswith(before) for before, after in itertools.pairwise(told))
        if isinstance(search, Greedy) and line:  # each token that writes something
            (found,) = translator.answers([line], search=search)
            tokens = [token for token in found[0].tokens if token != "</s>"]
            grown = [translator.target.join(tokens[: i + 1]) for i in range(len(tokens))]
            assert told == [text for text, _ in itertools.groupby(grown) if text]


def test_what_is_given_beside_a_line_is_kept(translator):
    line = translator.examples[0]
    told = list(translator.stream(line, prefix="ein"))
    assert told[0].startswith("ein") and told[-1] == translator(line, prefix="ein")
    terms = Glossary(required=["vier"], forbidden=["ein"])
    told = list(translator.stream(line, glossary=terms))
    assert told[-1] == translator(line, glossary=terms)


def test_it_returns_the_whole_answer_and_warns_of_a_line_that_is_cut(translator):
    def whole(**given):
        best.append((yield from translator.stream(line, **given)))

    line, best = "one hundred " * 40, []
    for given in ({}, {"prefix": "ein"}):
        with pytest.warns(
            UserWarning, match=r"of at most 24 .*1 of 1 .* by 57 tokens: 'one "
        ) as said:
            *_, text = whole(**given)
        assert said[0].filename == __file__ and ": 'one hundred" in str(said[0].message)
        with pytest.warns(UserWarning, match="by 57 tokens: 'one "):
            expected = next(translator.answers([line], **given))[0]
        assert best[-1].truncated and best[-1].text == text == expected.text
        assert best[-1].score == pytest.approx(expected.score, abs=1e-4)
        assert best[-1].finished == expected.finished


def test_a_beam_tells_before_it_has_ended(translator):
    told = [list(translator.stream(line)) for line in translator.examples[:8]]
    assert np.mean([len(each) for each in told]) > 2


def test_nothing_stands_for_sure_where_no_hypothesis_is_left():
    tokens, none = np.array([[[5, 6, 0], [5, 7, 0]]], "int32"), np.full((1, 2), -1e9, "float32")
    beam = {"alive": {"tokens": tokens}, "finished": {"tokens": tokens}, "scores": none}
    assert shared(beam | {"finished_scores": none}) == []
    assert shared({"tokens": tokens[0], "scores": none[0]}) == []
    assert shared(beam | {"finished_scores": np.array([[-1.0, -2.0]], "float32")}) == [5]
    assert shared(beam | {"finished_scores": np.array([[-1.0, -1e9]], "float32")}) == [5, 6]


def test_what_knows_its_words_last_is_refused(number_text):
    words = WordTokenizer.train(source for source, _ in number_text[0])
    model = Transformer(words.vocabulary_size, words.vocabulary_size, 8, 1, 2)
    copies = Translator(model, words, words, "greedy", replace_unknown=True)
    with pytest.raises(ValueError, match="copies no source words"):
        next(copies.stream("one"))
