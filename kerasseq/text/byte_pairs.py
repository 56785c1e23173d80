"""Byte-pair encoding (Sennrich et al. 2016) as its merges say it, and its alphabet of bytes."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping

from kerasseq.text.character_kinds import is_letter, is_number, pattern

# Each byte as a character that can be seen (Radford et al. 2019): a space is "Ġ".
SEEN = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
ALPHABET = {byte: chr(byte) for byte in SEEN}
ALPHABET |= {
    byte: chr(0x100 + place)
    for place, byte in enumerate(sorted(set(range(256)) - set(SEEN)))
}  # fmt: skip
BYTES = {character: byte for byte, character in ALPHABET.items()}

# Of Unicode 15 and 16, which Hugging Face's tokenizers know and older versions of Python do not.
NEWER_LETTERS = (
    r"\x{1c89}-\x{1c8a}\x{a7cb}-\x{a7cd}\x{a7da}-\x{a7dc}\x{105c0}-\x{105f3}"
    r"\x{10d4a}-\x{10d65}\x{10d6f}-\x{10d85}\x{10ec2}-\x{10ec4}\x{1123f}-\x{11240}"
    r"\x{11380}-\x{11389}\x{1138b}\x{1138e}\x{11390}-\x{113b5}\x{113b7}\x{113d1}\x{113d3}"
    r"\x{11bc0}-\x{11be0}\x{11f02}\x{11f04}-\x{11f10}\x{11f12}-\x{11f33}\x{1342f}"
    r"\x{13441}-\x{13446}\x{13460}-\x{143fa}\x{16100}-\x{1611d}\x{16d40}-\x{16d6c}\x{18cff}"
    r"\x{1b132}\x{1b155}\x{1df25}-\x{1df2a}\x{1e030}-\x{1e06d}\x{1e4d0}-\x{1e4eb}"
    r"\x{1e5d0}-\x{1e5ed}\x{1e5f0}\x{2b739}\x{2ebf0}-\x{2ee5d}\x{31350}-\x{323af}"
)
NEWER_NUMBERS = (
    r"\x{10d40}-\x{10d49}\x{116d0}-\x{116e3}\x{11bf0}-\x{11bf9}\x{11f50}-\x{11f59}"
    r"\x{16130}-\x{16139}\x{16d70}-\x{16d79}\x{1ccf0}-\x{1ccf9}\x{1d2c0}-\x{1d2d3}"
    r"\x{1e4f0}-\x{1e4f9}\x{1e5f1}-\x{1e5fa}"
)


def bytes_of(token: str) -> bytes | None:
    """The bytes of a token in the alphabet; None for one in other characters."""
    return None if set(token) - BYTES.keys() else bytes(BYTES[character] for character in token)


def last_rank(piece: str, ranks: Mapping[tuple[str, str], int]) -> int | None:
    """The rank of the merge that makes a piece whole; None when none does.

    Of the pairs that stand beside each other the one of the lowest rank is merged, the first of
    equal ones, and so on.

    What a piece's two last parts are is said by the piece alone: until they meet, no merge has
    crossed its ends, wherever it stands. So SentencePiece, which merges any two parts that make
    a piece, the piece of the highest score first, cuts as the merges do when each piece has the
    score of its last rank, negative.
    """
    parts, rank = list(piece), None
    while len(parts) > 1:
        found = [ranks.get(pair, -1) for pair in itertools.pairwise(parts)]
        rank = min((each for each in found if each >= 0), default=None)
        if rank is None:
            return None
        place = found.index(rank)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return rank


@functools.cache
def words_pattern() -> str:
    """GPT-2's words, with the space before each, as a pattern for RE2.

    Its own pattern looks ahead for what follows white space. In cleaned text, where no two
    spaces meet, one that no word takes stands at the end of a part of a text.
    """
    letter = pattern(is_letter)[1:-1] + NEWER_LETTERS
    number = pattern(is_number)[1:-1] + NEWER_NUMBERS
    ends = "'s|'t|'re|'ve|'m|'ll|'d"
    return f"{ends}| ?[{letter}]+| ?[{number}]+| ?[^ {letter}{number}]+| +"


@functools.cache
def find_words() -> re.Pattern[str]:
    """The same pattern, compiled for Python."""
    escaped = re.sub(r"\\x\{(\w+)\}", lambda code: rf"\U{int(code[1], 16):08x}", words_pattern())
    return re.compile(escaped)
