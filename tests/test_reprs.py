"""What is shown of an object on one line."""

import pathlib
from xml.etree import ElementTree

import numpy as np
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
from kerasseq.processing.translation import Translation
from kerasseq.text import CharacterTokenizer, WordPieceTokenizer, WordTokenizer
from kerasseq.text.checks import check_lines

TINY = WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
SHOWN = {
    "<ParallelText of 1,200 pairs>": lambda: ParallelText.from_pairs([("a", "b")] * 1200),
    "<ParallelText of 2 pairs>": lambda: ParallelText.from_pairs([("a", "b")] * 3).take(2),
    "<LabelledText of 2 texts, 2 labels>": lambda: LabelledText(["a", "b"], ["x", "y"]),
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


CORPORA = [name for name in SHOWN if " of " in name and "Tokenizer" not in name]


@pytest.mark.parametrize("shown", CORPORA)
def test_a_notebook_shows_a_corpus_with_its_first_rows(shown):
    corpus = SHOWN[shown]()
    assert check_lines(corpus) is corpus  # it is iterated over, and is no table of columns
    html = corpus._repr_html_()
    parsed = ElementTree.fromstring(f"<div>{html}</div>")
    assert parsed.find("p").text == shown[1:-1]
    rows = [[cell.text for cell in row] for row in parsed.iter("tr")]
    assert rows[0] == list(corpus.headings) and len(rows) == 1 + min(len(corpus), 5)
    assert all(len(row) == len(rows[0]) and row[0] for row in rows)


def test_what_a_notebook_shows_is_escaped_and_cut():
    html = LabelledText(["<b>" + "a" * 300], ["x"])._repr_html_()
    assert (
        "&lt;b&gt;a" in html and "<b>" not in html and "a…</td>" in html and "a" * 201 not in html
    )


def test_a_notebook_shows_where_a_translation_looked():
    attention = np.array([[0.25, 0.75], [1.0, 0.0]])
    found = Translation("b", -1.5, ["b", "</s>"], ["a", "</s>"], attention, truncated=True)
    parsed = ElementTree.fromstring(f"<div>{found._repr_html_()}</div>")
    assert [each.text for each in parsed.find("p")] == ["b", "score -1.50, source truncated"]
    titles = [cell.get("title") for cell in parsed.iter("td") if cell.get("title")]
    assert titles == ["a: 0.25", "</s>: 0.75", "a: 1.00", "</s>: 0.00"]
    assert "rgba" not in found._replace(attention=None)._repr_html_()


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
