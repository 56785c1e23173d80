"""What a glossary says of a line, in Python and in the graph, and how tokens are spelled."""

import random

import numpy as np
import pytest
import tensorflow as tf

from kerasseq.processing import Glossary, Translations
from kerasseq.processing.glossary import (
    Entry,
    batch_of_terms,
    missing,
    stands,
    unwanted_codes,
    wanted_ids,
)
from kerasseq.processing.glossary_graph import (
    missing_graph,
    read_entries,
    stands_graph,
    unwanted_graph,
    wanted_graph,
)
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

# Some that hold what cannot be seen, or white space of other kinds.
WRONG_LINES = [
    "Hund",
    "Hund\t",
    "a\tb\tc",
    "a\tb|",
    "a\t!",
    "a\tb|!c",
    "a\t\u200b",
    "a\t\xa0",
    "\t!\xad",
    "\tb|\u200b",
    "\tb|\u3000|c",
    "\t\u200b!!b",
    "\tb|\u2060!c",
    "b\tc\r\td",
]
RIGHT_LINES = [
    "",
    "\xa0",
    "\t",
    "\t\r",
    "\xa0\t\u2028",
    "\u200b \u3000\n\r\n\x00\n\tb",
    "hund\t\u200bb",
    "\t\xa0! b",
    "\t\u200b!b\r",
    "Hund\xa0\tb|\xa0c",
    "katze\tb\nhund\tc",
    "\xad!\t!c",
    "\ta\xa0\u200bb|c d\u3000",
    "\t \u200d! b|a",
    "\t🐕\u200d|\u200d🐕",
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


def asked(found, row, head, body):
    """What a beam is told of a row: lists of a number and what is not 0 behind it."""
    numbers = np.asarray(found[head])[row]
    lists = np.asarray(found[body])[row].reshape(len(numbers), -1)
    pairs = zip(numbers, lists, strict=True)
    return [[int(n), *(int(i) for i in each if i)] for n, each in pairs if n]


def test_a_term_stands_as_whole_words_in_python_and_the_graph():
    assert stands("dog", "a dog, a cat") and stands("dog", "dog") and stands("(a", "x(a)")
    assert not stands("dog", "dogs") and not stands("dog", "hotdog") and not stands("", "a")
    assert stands("dog", "hotdog dog") and stands("猫", "小猫が") and not stands("é", "éa")
    pairs = [(term, line) for term in [*TERMS, "", "\\E", ".*"] for line in [*LINES, "", ".* a"]]
    found = stands_graph(*(tf.constant(side) for side in zip(*pairs, strict=True))).numpy()
    expected = [stands(*pair) or not pair[0] for pair in pairs]
    wrong = [pair for pair, one, other in zip(pairs, found, expected, strict=True) if one != other]
    assert [pair for pair in wrong if pair[0]] == []


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


@pytest.mark.parametrize("seed", range(3))
def test_python_is_graph(tokenizer, seed):
    glossaries = [random_glossary(100 * seed + i) for i in range(len(LINES))]
    given = tf.constant([each.text for each in glossaries])
    entries = read_entries(given, tf.constant(LINES))
    kept = [each.of_line(line) for each, line in zip(glossaries, LINES, strict=True)]
    processor = Translations(tokenizer, tokenizer)
    count = tf.size(given)
    wanted = wanted_graph(entries, count, tokenizer)
    unwanted = unwanted_graph(entries, count, tokenizer, processor.spelling)
    texts = random.Random(seed).sample(LINES, len(LINES))
    texts = [tokenizer.decode(tokenizer.encode(text)) for text in texts]
    lost = missing_graph(entries, tf.constant(texts), tokenizer).numpy()
    for row, own in enumerate(kept):
        told = wanted_ids(own, tokenizer), unwanted_codes(own, tokenizer, processor.spelling)
        assert asked(wanted, row, "owners", "wanted") == told[0]
        codes = asked(unwanted, row, "sizes", "unwanted")
        assert codes == [[len(each), *each] for each in told[1]]
        given = batch_of_terms([told])
        halves = [("owners", "wanted"), ("sizes", "unwanted")]
        assert {*given} == {name for i, half in enumerate(halves) if told[i] for name in half}
        if told[0]:
            assert asked(given, 0, "owners", "wanted") == told[0]
        if told[1]:
            assert asked(given, 0, "sizes", "unwanted") == codes
        assert sorted(filter(None, lost[row].decode().split("\n"))) == sorted(
            missing(own, texts[row], tokenizer)
        )


def test_a_glossary_is_its_text(tmp_path):
    made = Glossary({"Hund": ["dog", "hound"], "Katze": "cat"}, required=["a b"], forbidden=["c"])
    assert made.text == "Hund\tdog|hound\nKatze\tcat\n\ta b\n\t!c"
    assert Glossary.parse(made.text).entries == made.entries
    (tmp_path / "a.tsv").write_text("\ufeffHund\tdog|hound\r\n\r\n\t!c\r\n", encoding="utf-8")
    read = Glossary.read(tmp_path / "a.tsv")
    assert read.entries == (Entry("Hund", ("dog", "hound")), Entry("", ("c",), False))
    assert repr(read) == "<Glossary of 2 entries>"
    assert [str(each) for each in made.of_line("ein hund, eine")] == ["dog|hound", "a b", "!c"]
    for wrong in WRONG_LINES:
        with pytest.raises(ValueError, match=r"Expected .*; received .*\. \w+"):
            Glossary.parse(wrong)
        with pytest.raises(tf.errors.InvalidArgumentError, match="a source term, a tab"):
            read_entries(tf.constant([wrong]), tf.constant(["a"]))
    with pytest.raises(ValueError, match="list of forbidden terms"):
        Glossary(forbidden="abc")
    for wrong in (["a"], {"a": 1}, {1: "a"}, {"a": []}, {"a": "b|c"}, {"a": ""}, {"a": "!b"}):
        with pytest.raises(ValueError, match=r"Expected .*; received .*\. \w+"):
            Glossary(wrong)


@pytest.mark.parametrize("line", RIGHT_LINES)
def test_a_line_is_read_alike_in_python_and_the_graph(line):
    found = Glossary.parse(line).of_line("hund ! a")
    entries = read_entries(tf.constant([line]), tf.constant(["hund ! a"]))
    assert [term.decode() for term in entries.terms.numpy()] == [
        term for entry in found for term in entry.targets
    ]
    assert [*entries.wanted.numpy()] == [entry.wanted for entry in found for _ in entry.targets]
    assert [*entries.numbers.numpy()] == [
        number for number, entry in enumerate(found, 1) for _ in entry.targets
    ]


def test_what_no_beam_could_be_told_is_refused():
    tokenizer = next(tokenizers())
    processor = Translations(tokenizer, tokenizer)
    long = Glossary(forbidden=["dog " * 40])
    with pytest.raises(ValueError, match="at most 64 bytes"):
        long.asked("a", processor)
    unknown = Glossary(
        forbidden=["日 本 語 字 国 人 大 小 山 川 田 中 上 下 左 右 前 後 東 西 南 北"]
    )
    assert unknown.asked("a", processor) == ([], [])
    entries = read_entries(tf.constant([unknown.text]), tf.constant(["a"]))
    assert (
        not unwanted_graph(entries, tf.constant(1), tokenizer, processor.spelling)["sizes"]
        .numpy()
        .any()
    )
    entries = read_entries(tf.constant([long.text]), tf.constant(["a"]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="at most 64 bytes"):
        unwanted_graph(entries, tf.constant(1), tokenizer, processor.spelling)
    copies = Translations(*[WordTokenizer.train(LINES)] * 2, replace_unknown=True)
    with pytest.raises(ValueError, match="copies no source words"):
        Glossary(required=["dog"]).asked("a", copies)
    assert np.array(wanted_ids(Glossary(required=["dog " * 40]).entries, tokenizer)).size == 0
