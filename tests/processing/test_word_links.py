"""Links between words: Pharaoh's format, both directions as one, and what they say of tokens."""

import pytest

from kerasseq.processing.token_links import token_links
from kerasseq.processing.word_links import parse_links, symmetrized, write_links
from kerasseq.text import (
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)

PAIR = "Ein Mann (alt) sagt: ja.", "Old (a) man says yes!"
LINKS = [(0, 1), (1, 2), (2, 0), (3, 3), (4, 4)]
LINES = [*PAIR] * 30
TOKENIZERS = {
    "characters": CharacterTokenizer.train(LINES),
    "pieces": SentencePieceTokenizer.train(LINES, vocabulary_size=34),
    "words": WordTokenizer.train(LINES, lowercase=True),
    "marks": WordTokenizer.train(LINES, split="punctuation"),
    "unknown": WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", "man"], split="punctuation"),
    "wordpiece": WordPieceTokenizer(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "(", ")", ":", ".", "!", "m", "##an",
         "##ann", "ein", "alt", "sag", "##t", "ja", "old", "a", "say", "##s", "yes"],
    ),
}  # fmt: skip


def test_links_are_read_exactly_and_written_in_order():
    assert parse_links(" 2-1 0?0\t1p12 ") == ([(2, 1)], [(0, 0), (1, 12)])
    assert parse_links("") == ([], [])
    assert write_links([(2, 1), (0, 10), (0, 2)]) == "0-2 0-10 2-1"


@pytest.mark.parametrize("wrong", ["1-", "-1-0", "0-0,1-1", "a-b", "1:0", "0--1", "1.0-0", "٣-0"])
def test_what_is_no_link_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"such as 0-0 1-2 in line 7.*received '{wrong}'\. Write"):
        parse_links(f"0-0 {wrong}", "line 7")


def test_both_directions_grow_from_what_they_share():
    # By hand, of "michael assumes that he will stay in the house" and its German.
    english_to_german = [
        (0, 0), (1, 1), (2, 1), (3, 1), (5, 2), (6, 3), (9, 4), (9, 5), (7, 6), (7, 7), (8, 8),
    ]  # fmt: skip
    german_to_english = [
        (0, 0), (1, 1), (5, 2), (6, 3), (9, 5), (7, 6), (8, 8), (4, 2), (2, 1),
    ]  # fmt: skip
    assert symmetrized(english_to_german, german_to_english) == [
        (0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 6), (7, 7), (8, 8), (9, 4),
        (9, 5),
    ]  # fmt: skip


def test_a_link_far_from_the_others_joins_two_words_that_have_none():
    far = (4, 4)
    assert symmetrized([(0, 0), far], [(0, 0)]) == [(0, 0), far]
    assert symmetrized([(0, 0)], [(0, 0), far]) == [(0, 0), far]
    # One that has a link already, and no neighbour in what is there, stays out.
    assert symmetrized([(0, 0), (0, 4)], [(0, 0)]) == [(0, 0)]
    # Beside the shared one, a word without a link is reached, and from there the next.
    assert symmetrized([(0, 0), (1, 1), (1, 2)], [(0, 0)]) == [(0, 0), (1, 1), (1, 2)]
    assert symmetrized([(0, 0), (1, 0)], [(0, 0), (0, 1), (1, 1)]) == [(0, 0), (0, 1), (1, 0)]
    assert symmetrized([], []) == []


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_tokens_are_linked_as_the_words_that_they_are_of(kind):
    tokenizer = TOKENIZERS[kind]
    tokens = [tokenizer.tokens(text) for text in PAIR]
    assert [len(each) for each in tokens] == [len(tokenizer.encode(text)) for text in PAIR]
    found = token_links(LINKS, PAIR, (tokenizer, tokenizer))
    assert found == sorted(set(found))
    words = list(map(words_of_tokens, PAIR, tokens))
    expected = {
        (i, j)
        for i, source in enumerate(words[0])
        for j, target in enumerate(words[1])
        if (source, target) in LINKS
    }
    assert set(found) == expected


def words_of_tokens(text, tokens):
    """The word of each token, by counting letters: no token of these crosses words."""
    bare = [token.strip("▁ ￭").removeprefix("##") for token in tokens]
    letters = [word for word, each in enumerate(text.split()) for _ in each]
    place, found = 0, []
    for token, mark in zip(bare, tokens, strict=True):
        if token == "[UNK]":
            raise AssertionError("no word of the text is unknown")
        found.append(letters[min(place, len(letters) - 1)] if token or mark == " " else None)
        place += len(token)
    return found
