"""What each token of a vocabulary writes, in bytes, and where words end."""

from __future__ import annotations

import re
import typing
import unicodedata

import numpy as np

if typing.TYPE_CHECKING:
    from kerasseq.text.tokenizer import Tokenizer

IN_WORD = 256  # marks a byte of a character that words are made of
# Scripts that are written without spaces, or whose words take endings: Thai and Lao, Tibetan and
# Burmese, Hangul's letters, Khmer, kana to Bopomofo and Hangul, kana, ideographs, Hangul, and the
# ideographs of further planes.
UNSPACED = (
    (0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x3040, 0x318F),
    (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x1B000, 0x1B16F),
    (0x20000, 0x323AF),
)  # fmt: skip
ONE_BYTE = re.compile("<0x([0-9A-F]{2})>")
SPACE = "▁"  # SentencePiece's


def in_word(character: str) -> bool:
    """Whether words are made of it: a letter, mark or number of a script with spaces between."""
    if any(first <= ord(character) <= last for first, last in UNSPACED):
        return False
    return unicodedata.category(character)[0] in "LMN"


class Spelling(typing.NamedTuple):
    """What tokens write, one row for each of `V`.

    Attributes:
        codes: int32 array `(V, S)`, the bytes of each, a space before a word among them; of a
            character that words are made of 256 more. Padded with 0.
        lengths: int32 array `(V,)`, how many.
        joins: bool array `(V,)`, whether it goes on with a word that stands before it.
        ends_in_word: bool array `(V,)`, whether a word may go on behind it.
    """

    codes: np.ndarray
    lengths: np.ndarray
    joins: np.ndarray
    ends_in_word: np.ndarray


def spelling(tokenizer: Tokenizer) -> Spelling:
    """The Spelling of a tokenizer's vocabulary."""
    rows = [_codes(content) for content in contents(tokenizer)]
    lengths = np.array([len(row) for row in rows], "int32")
    codes = np.zeros((len(rows), max(1, lengths.max())), "int32")
    for i, row in enumerate(rows):
        codes[i, : len(row)] = row
    last = np.take_along_axis(codes, np.maximum(lengths - 1, 0)[:, None], axis=1)[:, 0]
    return Spelling(codes, lengths, codes[:, 0] >= IN_WORD, last >= IN_WORD)


def contents(tokenizer: Tokenizer) -> list[bytes]:
    """The bytes that each token writes behind another word; of symbols none."""
    symbols = {tokenizer.pad_id, tokenizer.start_id, tokenizer.end_id}
    word = next(
        (
            token for token in range(tokenizer.vocabulary_size - 1, -1, -1)
            if token not in symbols and token != tokenizer.unknown_id
            and tokenizer.join([token]).strip().isalnum()
        ),
        tokenizer.unknown_id,
    )  # fmt: skip
    before = tokenizer.join([word])
    return [
        b"" if token in symbols else _content(tokenizer, token, word, before)
        for token in range(tokenizer.vocabulary_size)
    ]


def _content(tokenizer, token, word, before):
    if hasattr(tokenizer, "contents"):  # bytes as they are
        return tokenizer.contents[token]
    if coded := ONE_BYTE.fullmatch(tokenizer.vocabulary[token]):
        return bytes.fromhex(coded[1])
    both = tokenizer.join([word, token])
    return both.removeprefix(before).encode("utf-8", "replace")


def _codes(content):
    """The codes of bytes; those of a broken character count as a word's."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return [byte + IN_WORD for byte in content]
    return [
        byte + IN_WORD * in_word(character)
        for character in text
        for byte in character.encode("utf-8")
    ]
