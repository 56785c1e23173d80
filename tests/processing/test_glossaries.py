"""What a glossary says of a line, and how tokens are spelled."""

import random

import numpy as np
import pytest

from kerasseq.processing import Glossary, Translations
from kerasseq.processing.glossary import Entry, stands, wanted_ids
from kerasseq.text import (
    BytePairTokenizer,
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)
from kerasseq.text.spelling import contents, spelling

LINES = [
    "ein Hund läuft, der Hund bellt.", "zwei hunde", "die Katze (klein) schläft", "猫が寝ている",
    "he said: the U.S.A. won't pay 5.5 %", "a dog and a hot dog run", "the dogs ran", "Éa, éb; c|d",
]  # fmt: skip
TERMS = [
    "hund",
    "Hund läuft",
    "katze",
    "猫",
    "U.S.A.",
    "a dog",
    "dog",
    "won't",
    "5.5",
    "%",
    "éa",
    "c",
]


def tokenizers():
    from kerasseq.text.byte_pairs import ALPHABET

    text = LINES * 9
    letters = sorted({letter for line in LINES for letter in line.lower() if letter != " "})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "dog", "##s", *letters]
    yield SentencePieceTokenizer.train(text, 90)
    yield SentencePieceTokenizer.train(text, 330, byte_fallback=True, lowercase=True)
    yield WordTokenizer.train(text, split="punctuation")
    yield CharacterTokenizer.train(text)
    pieces = dict.fromkeys([*pieces, *(f"##{each}" for each in letters)])
    yield WordPieceTokenizer([*pieces], lowercase=True)
    yield BytePairTokenizer.from_merges(
        ["<pad>", "<unk>", "<s>", "</s>", *ALPHABET.values(), "Ġd", "Ġdo"],
        [("Ġ", "d"), ("Ġd", "o")],
    )


@pytest.fixture(scope="module", params=list(tokenizers()), ids=lambda each: type(each).__name__)
def tokenizer(request):
    return request.param


def random_glossary(seed):
    chosen = random.Random(seed)
    return Glossary(
        {
            term: chosen.sample(TERMS, chosen.randint(1, 2))
            for term in chosen.sample(TERMS, chosen.randint(0, 4))
        },
        required=chosen.sample(TERMS, chosen.randint(0, 2)),
        forbidden=chosen.sample(TERMS, chosen.randint(0, 3)),
    )


def test_a_term_stands_as_whole_words():
    assert stands("dog", "a dog, a cat") and stands("dog", "dog") and stands("(a", "x(a)")
    assert not stands("dog", "dogs") and not stands("dog", "hotdog") and not stands("", "a")
    assert stands("dog", "hotdog dog") and stands("猫", "小猫が") and not stands("é", "éa")


def test_tokens_are_spelled_as_they_are_joined(tokenizer):
    written = contents(tokenizer)
    for line in LINES:
        ids = tokenizer.encode_word(line)
        if tokenizer.unknown_id in ids or isinstance(tokenizer, WordTokenizer):
            continue
        text = b"".join(written[i] for i in ids).decode("utf-8")
        assert text.strip() == tokenizer.decode(ids).strip()
    made = spelling(tokenizer)
    for i, content in enumerate(written):
        assert bytes(int(code) % 256 for code in made.codes[i, : made.lengths[i]]) == content
    assert not made.joins[[tokenizer.pad_id, tokenizer.end_id]].any()
    assert made.ends_in_word.any()


def test_a_glossary_is_its_text(tmp_path):
    made = Glossary({"Hund": ["dog", "hound"], "Katze": "cat"}, required=["a b"], forbidden=["c"])
    assert made.text == "Hund\tdog|hound\nKatze\tcat\n\ta b\n\t!c"
    assert Glossary.parse(made.text).entries == made.entries
    (tmp_path / "a.tsv").write_text("\ufeffHund\tdog|hound\r\n\r\n\t!c\r\n", encoding="utf-8")
    read = Glossary.read(tmp_path / "a.tsv")
    assert read.entries == (Entry("Hund", ("dog", "hound")), Entry("", ("c",), False))
    assert repr(read) == "<Glossary of 2 entries>"
    assert [str(each) for each in made.of_line("ein hund, eine")] == ["dog|hound", "a b", "!c"]
    for wrong in ("Hund", "Hund\t", "a\tb\tc", "a\tb|", "a\t!", "a\tb|!c"):
        with pytest.raises(ValueError, match=r"Expected .*; received .*\. \w+"):
            Glossary.parse(wrong)
    for wrong in (["a"], {"a": 1}, {1: "a"}, {"a": []}, {"a": "b|c"}, {"a": ""}, {"a": "!b"}):
        with pytest.raises(ValueError, match=r"Expected .*; received .*\. \w+"):
            Glossary(wrong)
    with pytest.raises(ValueError, match="list of forbidden terms"):
        Glossary(forbidden="abc")


def test_what_no_beam_could_be_told_is_refused():
    tokenizer = next(tokenizers())
    processor = Translations(tokenizer, tokenizer)
    long = Glossary(forbidden=["dog " * 40])
    with pytest.raises(ValueError, match="at most 64 bytes"):
        long.asked("a", processor)
    copies = Translations(*[WordTokenizer.train(LINES)] * 2, replace_unknown=True)
    with pytest.raises(ValueError, match="copies no source words"):
        Glossary(required=["dog"]).asked("a", copies)
    assert np.array(wanted_ids(Glossary(required=["dog " * 40]).entries, tokenizer)).size == 0
