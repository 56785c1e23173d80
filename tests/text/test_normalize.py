"""The one cleaning: what it makes of what cannot be seen, and Python and the graph as one."""

import gzip
import json
import random
import sys
import unicodedata

import pytest
import tensorflow as tf

from kerasseq.data import QuestionAnswers
from kerasseq.text import CharacterTokenizer, WordTokenizer, normalize, normalize_graph

EXPECTED = {
    "decomposed": ("scho\u0308ne Gru\u0308\xdfe", "sch\xf6ne Gr\xfc\xdfe"),
    "two marks in the wrong order": ("e\u0301\u0323", "\u1eb9\u0301"),
    "Hangul": ("\u1112\u1161\u11ab", "\ud55c"),
    "signs that are letters": ("\u212b \u2126 \u212a", "\xc5 \u03a9 K"),
    "no compatibility": ("m\xb2 \xbd \ufb01 \u2122", "m\xb2 \xbd \ufb01 \u2122"),
    "soft hyphen": ("Donau\xaddampf\xadschiff", "Donaudampfschiff"),
    "zero-width space": ("a\u200bb \u200b c", "ab c"),
    "mark after a soft hyphen": ("e\xad\u0301", "\xe9"),
    "word joiner and marks of direction": ("a\u2060b\u200e\u202bc\u202c\u2066d\u2069", "abcd"),
    "joiners in Latin": ("f\u200ci\u200d n\u200d\u200ca\u200db\u200dc", "fi nabc"),
    "joiners at the ends": ("\u200ca\u200d", "a"),
    "joiners between spaces": ("a \u200c b", "a b"),
    "Persian": ("\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645",) * 2,
    "a digit and Persian": ("3\u200c\u0628\u0639\u062f\u06cc",) * 2,
    "Devanagari": ("\u0915\u094d\u200d\u0937",) * 2,
    "Devanagari at the end": ("\u0938\u0924\u094d\u200d x",) * 2,
    "Sinhala": ("\u0dc1\u0dca\u200d\u0dbb\u0dd3",) * 2,
    "family": ("\U0001f469\u200d\U0001f469\u200d\U0001f467",) * 2,
    "heart on fire": ("\u2764\ufe0f\u200d\U0001f525",) * 2,
    "pirates": ("\U0001f3f4\u200d\u2620\ufe0f",) * 2,
    "pilot of a colour": ("\U0001f469\U0001f3fd\u200d\u2708\ufe0f",) * 2,
    "marks newer than Python's": ("e\u0301 \u0897", "e\u0301 \u0897"),
}


@pytest.mark.parametrize("given, expected", EXPECTED.values(), ids=EXPECTED.keys())
def test_what_becomes_of_it(given, expected):
    assert normalize(given) == normalize(given.encode()) == expected
    assert normalize_graph(tf.constant(given)).numpy().decode() == expected
    assert normalize(expected) == expected


def agree(lines):
    found = normalize_graph(tf.constant([line.encode() for line in lines])).numpy()
    wrong = [
        line for line, text in zip(lines, found, strict=True) if text.decode() != normalize(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("around", ["{}", "e{}\u0323\u0301", "\u0345{}\u0334", "\u200d{}\u200d"])
def test_every_character_is_cleaned_alike(around):
    # Unassigned ones too: a graph's library may be newer than Python's.
    agree(
        [
            around.format(chr(code))
            for code in range(1, sys.maxunicode + 1)
            if unicodedata.category(chr(code)) not in ("Cs", "Co")
            and not 0x2FA20 <= code < 0xE0000
            and not 0x3400 <= code < 0xAC00
        ]
    )


def test_generated_lines_are_cleaned_alike():
    letters = "abe\u0301\u0323\xe9 \t\u200c\u200d\u200b\xad\ufeff\u0915\u094d\u0937\u0645\u06cc"
    letters += "\U0001f469\u2764\ufe0f\ud55c\u1112\u1161\u11ab\u0897\u212b\u0344\u0958\n\r\0\ufffd"
    letters += "\u2028A\u030a\u2adc\u2329<\u0338\u226e\u05d0\u05bc\u3099\u304b"
    draw = random.Random(0)
    agree(["".join(draw.choices(letters, k=draw.randint(0, 14))) for _ in range(20_000)])


def test_real_lines_are_cleaned_alike_and_decomposed_ones_are_composed(data_folder, number_text):
    if data_folder is None:
        lines = [line for pair in number_text[0] for line in pair]
    else:
        lines = []
        for language in ("de", "fr"):
            path = data_folder / "multi30k" / f"train.{language}.gz"
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                lines += list(file)[:10_000]
    decomposed = [unicodedata.normalize("NFD", line) for line in lines]
    agree(lines)
    agree(decomposed)
    assert list(map(normalize, decomposed)) == list(map(normalize, lines))


def test_a_word_is_one_word_however_it_is_encoded():
    text = "sch\xf6ne Gr\xfc\xdfe"
    for kind in (WordTokenizer, CharacterTokenizer):
        tokenizer = kind.train([unicodedata.normalize("NFD", text)])
        for given in (text, unicodedata.normalize("NFD", text), "sch\xad\xf6ne\u200b Gr\xfc\xdfe"):
            assert tokenizer.encode(given) == tokenizer.encode(text)
            assert tokenizer.tokenize(tf.constant([given])).to_list() == [tokenizer.encode(text)]
        assert 1 not in tokenizer.encode(text)


def test_answers_are_found_again_in_a_decomposed_context(tmp_path):
    context = "\ufeffIn  Mu\u0308n\xadchen \u0958 liegt  das Cafe\u0301 Lo\u0308we."
    answer = "Cafe\u0301 Lo\u0308we"
    path = tmp_path / "squad.json"
    entry = {
        "question": "Wo?",
        "answers": [{"text": answer, "answer_start": context.index(answer)}],
    }
    article = {"paragraphs": [{"context": context, "qas": [entry]}]}
    path.write_text(json.dumps({"data": [article]}))
    (question,) = QuestionAnswers.from_squad(path)
    ((text, start),) = question.answers
    assert text == "Caf\xe9 L\xf6we" and question.context[start:] == f"{text}."
