"""WordPiece: Python, the graph, and Hugging Face's tokenizer cut alike."""

import gzip
import sys
import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertTokenizer

from kerasseq.processing.packing import row_of_text, row_of_words, rows_of_texts, rows_of_words
from kerasseq.processing.windows import windows, windows_graph
from kerasseq.text import WordPieceTokenizer, load_tokenizer
from kerasseq.text.units import words_and_marks, words_and_marks_graph
from published import MINILM

HARD = [
    "",
    " ",
    "Café naïve Ångström señor ŠČŽ ẞ straße",
    "İstanbul ΣΊΣΥΦΟΣ ŉ ǅ",
    "漢字とかな。中文，测试！",
    "नमस्ते दुनिया",
    "السلام عليكم",
    "don't stop-me (now) 3.5% #tag @user https://x.y/z?a=b&c=d",
    "a\0b\u200bc\ufeffd\u00ade",
    "tab\tline\nbreak\r\nend",
    "[CLS] [MASK] [SEP] [PAD] [UNK] ##ing",
    "👩‍👩‍👧 🎉 ❤️ ☃",
    "x" * 100 + " " + "y" * 101 + " " + "é" * 100,
    "«quoted» „so“ ‚und‘ — – … ¿qué? ¡no!",
    "e\u0301 n\u0303 o\u0308",
    "$100 + €50 = £? ^_^ `code` <tag> a~b",
]


def vocabulary():
    return (MINILM / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]


@pytest.fixture(scope="module")
def tokenizer():
    return WordPieceTokenizer(vocabulary())


@pytest.fixture(scope="module")
def reference():
    found = BertTokenizer.from_pretrained(MINILM)
    found.model_max_length = 10**9  # of no warning
    return found


@pytest.fixture(scope="module")
def real_lines(data_folder, number_text):
    """10,000 real lines of several languages and kinds, or number words."""
    if data_folder is None:
        return [line for pair in number_text[0] for line in pair]
    names = [
        *(f"multi30k/train.{language}.gz" for language in ("de", "en", "fr")),
        "tatoeba_en_sv/pairs.tsv.gz",
        "ag_news/test.csv.gz",
    ]
    lines = []
    for name in names:
        with gzip.open(data_folder / name, "rt", encoding="utf-8", newline="\n") as file:
            lines += [line.rstrip("\n") for _, line in zip(range(2000), file, strict=False)]
    assert len(lines) == 10_000
    return lines


def ids_of(reference, lines):
    return reference(lines, add_special_tokens=False)["input_ids"]


def test_real_text_is_cut_as_hugging_face_cuts_it(tokenizer, reference, real_lines):
    expected = ids_of(reference, real_lines)
    assert [tokenizer.encode(line) for line in real_lines] == expected
    assert tokenizer.tokenize(tf.constant(real_lines)).to_list() == expected


def test_hard_text_is_cut_as_hugging_face_cuts_it(tokenizer, reference):
    # The reference reads "[MASK]" in a text as the symbol; here a text is only text.
    lines = [line for line in HARD if "[MASK]" not in line]
    expected = ids_of(reference, lines)
    assert [tokenizer.encode(line) for line in lines] == expected
    assert tokenizer.tokenize(tf.constant(lines)).to_list() == expected
    assert not set(tokenizer.encode("[CLS] [MASK] [PAD]")) & {0, 101, 102, 103}


@pytest.mark.parametrize("lowercase", [True, False])
def test_every_kind_of_character_is_cut_alike_in_python_and_graph(lowercase):
    tokenizer = WordPieceTokenizer(vocabulary(), lowercase)
    assigned = [
        chr(code)
        for code in range(1, sys.maxunicode + 1, 7)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs")
    ]
    lines = [f"a{one}b {one}" for one in assigned]
    graph = [b" ".join(row).decode() for row in tokenizer.words(tf.constant(lines)).numpy()]
    different = [
        line
        for line, found in zip(lines, graph, strict=True)
        # Newer characters than the graph's library knows may decompose in one of the two.
        if found != tokenizer.clean(line) and unicodedata.ucd_3_2_0.category(line[1]) != "Cn"
    ]
    assert different == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(max_codepoint=0x2FFF), max_size=60), min_size=1, max_size=8))
def test_any_text_is_cut_alike_in_python_and_graph(lines):
    tokenizer = WordPieceTokenizer(vocabulary())
    lines = [line for line in lines if not any(unicodedata.category(c) == "Cn" for c in line)]
    if lines:
        expected = [tokenizer.encode(line) for line in lines]
        assert tokenizer.tokenize(tf.constant(lines)).to_list() == expected


def test_pieces_join_to_words(tokenizer):
    ids = row_of_text(tokenizer, "Unbelievable tokenization", 20).ids
    assert tokenizer.decode(ids[1:]) == "unbelievable tokenization"
    found = tokenizer.detokenize(tf.constant([[*ids, 0, 0]]))
    assert found.numpy().tolist() == [b"unbelievable tokenization"]


def test_pieces_are_trained_from_text(number_text, tmp_path):
    lines = [line for pair in number_text[0] for line in pair]
    tokenizer = WordPieceTokenizer.train(lines, 120, lowercase=False)
    assert tokenizer.vocabulary[:5] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert 60 < tokenizer.vocabulary_size <= 120
    assert all(tokenizer.decode(tokenizer.encode(line)) == line for line in lines)
    tokenizer.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert [again.encode(line) for line in lines] == [tokenizer.encode(line) for line in lines]
    assert isinstance(again, WordPieceTokenizer) and not again.lowercase


def test_a_bad_vocabulary_gets_one_sentence():
    with pytest.raises(ValueError, match=r"received 5 lines.* \[MASK\]"):
        WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"])
    with pytest.raises(ValueError, match="received 30523 lines, 30522 "):
        WordPieceTokenizer([*vocabulary(), "the"])
    with pytest.raises(ValueError, match="WordPiece.*received no "):
        WordPieceTokenizer.train(["", " "], 50)


@pytest.mark.parametrize("length", [6, 9, 16, 64])
def test_rows_are_hugging_face_s_whatever_is_too_long(tokenizer, reference, length):
    firsts = ["", "one", "one two three four five six seven", "it is " * 30]
    seconds = ["", "eins", "a b c d e f g h", "the end of " * 20]
    expected = reference(firsts, truncation=True, max_length=length)["input_ids"]
    expected[0] = [101, 100, 102]  # an empty text is one unknown token here
    assert [row_of_text(tokenizer, text, length).ids for text in firsts] == expected
    rows = rows_of_texts(tokenizer, tf.constant(firsts), length)[0].numpy()
    assert [row[row != 0].tolist() for row in rows] == expected
    pairs = [(a, b) for a in firsts for b in seconds]
    both = [list(side) for side in zip(*pairs, strict=True)]
    expected = reference(*both, truncation="longest_first", max_length=length)["input_ids"]
    assert [row_of_text(tokenizer, pair, length).ids for pair in pairs] == expected
    first, second = map(tf.constant, both)
    rows = rows_of_texts(tokenizer, first, length, second)[0].numpy()
    assert [row[row != 0].tolist() for row in rows] == expected


@pytest.mark.parametrize("length", [5, 8, 40])
def test_words_know_their_first_token(tokenizer, length):
    sentences = [["Unbelievable", "tokenization", "\u200b", "!"], [], ["x"], ["it's"] * 30]
    rows = [row_of_words(tokenizer, words, length) for words in sentences]
    for words, (ids, _, places) in zip(sentences, rows, strict=True):
        assert len(ids) <= length and ids[0] == 101 and ids[-1] == 102
        for word, place in zip(words, places, strict=False):
            assert ids[place] == (tokenizer.encode(word) or [100])[0]
    ids, _, places = rows_of_words(tokenizer, tf.ragged.constant(sentences, ragged_rank=1), length)
    assert [row[row != 0].tolist() for row in ids.numpy()] == [row.ids for row in rows]
    assert places.to_list() == [row.places for row in rows]


def test_units_join_to_the_text_and_are_cut_alike(real_lines):
    lines = [*HARD, *real_lines[::50]]
    lines = [" ".join(line.replace("\0", "").split()) for line in lines]
    cut = [words_and_marks(line) for line in lines]
    assert ["".join(row) for row in cut] == lines
    graph = words_and_marks_graph(tf.constant(lines)).to_list()
    assert [[unit.decode() for unit in row] for row in graph] == cut
    assert words_and_marks("It cost $5 (or less).") == [
        "It", " cost", " ", "$", "5", " ", "(", "or", " less", ")", "."
    ]  # fmt: skip


@pytest.mark.parametrize(("length", "overlap"), [(12, 0), (24, 5), (24, 100), (256, 32)])
def test_windows_cover_a_context(tokenizer, length, overlap):
    contexts = ["", "short.", "one two three four five six seven eight nine ten " * 5]
    questions = ["What?", "Where is the unbelievable tokenization of everything? " * 20, ""]
    for question in questions:
        cut = [tokenizer.units(context.strip()) for context in contexts]
        found = [windows(tokenizer, question, each, length, overlap) for each in cut]
        for context, each in zip(contexts, found, strict=True):
            assert all(len(row.ids) <= length for row in each)
            seen = {i for row in each for i in row.units}
            units = words_and_marks(context.strip())
            assert seen == {i for i, unit in enumerate(units) if unit.strip()}
            read = [row.ids[row.start : -1] for row in each]
            assert [len(row.units) for row in each] == [len(part) for part in read]
        ids, counts, starts, owners, _ = windows_graph(
            tokenizer,
            tf.fill((3,), question),
            tokenizer.units_graph(tf.constant([context.strip() for context in contexts]))[1],
            length,
            overlap,
        )
        assert counts.numpy().tolist() == [len(each) for each in found]
        flat = [row for each in found for row in each]
        assert [row[row != 0].tolist() for row in ids.numpy()] == [row.ids for row in flat]
        assert starts.numpy().tolist() == [row.start for row in flat]
        assert owners.to_list() == [row.units for row in flat]
