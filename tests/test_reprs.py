"""What is shown of an object on one line."""

import pathlib

import pytest

from kerasseq import Translator
from kerasseq.data import (
    CaptionedImages,
    LabelledText,
    MaskedText,
    ParallelText,
    Question,
    QuestionAnswers,
    TaggedText,
    load,
)
from kerasseq.decoding import Beam, Greedy, Sampling
from kerasseq.text import CharacterTokenizer, WordPieceTokenizer, WordTokenizer

TINY = WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
SHOWN = {
    "<ParallelText of 1,200 pairs>": lambda: ParallelText.from_pairs([("a", "b")] * 1200),
    "<ParallelText of 2 pairs>": lambda: ParallelText.from_pairs([("a", "b")] * 3).take(2),
    "<LabelledText of 2 texts>": lambda: LabelledText(["a", "b"], ["x", "y"]),
    "<TaggedText of 1 sentences>": lambda: TaggedText([["a", "b"]], [["O", "O"]]),
    "<QuestionAnswers of 1 questions>": lambda: QuestionAnswers(
        [Question("who?", "Anna reads.", [("Anna", 0)])]
    ),
    "<MaskedText of 3 texts>": lambda: MaskedText(["a", "a a", "a"], TINY),
    "<CaptionedImages of 1 images>": lambda: CaptionedImages([__file__], ["a test"]),
    "<WordPieceTokenizer of 6 tokens>": lambda: TINY,
    "<WordTokenizer of 1,004 tokens>": lambda: WordTokenizer.train(map(str, range(1000))),
    "<CharacterTokenizer of 5 tokens>": lambda: CharacterTokenizer.train(["aa"]),
    "Beam()": Beam,
    "Beam(beam_size=8, n_best=2)": lambda: Beam(8, n_best=2),
    "Greedy(return_attention=True)": lambda: Greedy(return_attention=True),
    "Sampling(temperature=0.5, seed=3)": lambda: Sampling(0.5, seed=3),
}


@pytest.mark.parametrize("shown", SHOWN)
def test_an_object_says_what_it_is(shown):
    assert repr(SHOWN[shown]()) == shown


def test_a_search_is_made_again_of_what_it_says():
    for search in (Beam(3, 0.5, coverage_penalty=0.1), Greedy(2), Sampling(top_p=0.9)):
        again = eval(repr(search), {"Beam": Beam, "Greedy": Greedy, "Sampling": Sampling})
        assert again.get_config() == search.get_config()


def test_a_data_set_shows_its_parts():
    assert repr(load("numbers")).startswith("Dataset(train=<ParallelText of 20,000 pairs>, ")


def test_a_task_says_what_it_is_made_of():
    folder = pathlib.Path(__file__).parents[1] / "saved_models" / "numbers_en_de"
    assert repr(Translator.load(folder)) == (
        "<Translator of AttentionSeq2Seq, source=<WordTokenizer of 34 tokens>, "
        "target=<SentencePieceTokenizer of 64 tokens>; 278,464 weights>"
    )
