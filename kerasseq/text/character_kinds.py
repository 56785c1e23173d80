"""The kinds of characters that tokenizers know, for Python and, as patterns, for a graph."""

from __future__ import annotations

import functools
import sys
import unicodedata
from collections.abc import Callable

ASCII_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# The blocks that Hugging Face's tokenizers cut around.
IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


def is_dropped(character: str) -> bool:
    """Whether it is a control, format or private character, or stands for broken text."""
    return unicodedata.category(character) in ("Cc", "Cf", "Co") or character == "\ufffd"


def is_mark(character: str) -> bool:
    """Whether it combines with the letter before it, as an accent does."""
    return unicodedata.category(character) == "Mn"


def stands_alone(character: str) -> bool:
    """Whether it is a word by itself: punctuation, or a Chinese ideograph."""
    return (
        character in ASCII_MARKS
        or unicodedata.category(character).startswith("P")
        or is_ideograph(character)
    )


def is_ideograph(character: str) -> bool:
    """Whether it is a Chinese ideograph."""
    return any(first <= ord(character) <= last for first, last in IDEOGRAPHS)


def is_letter(character: str) -> bool:
    """Whether it is a letter of any script."""
    return unicodedata.category(character).startswith("L")


def is_number(character: str) -> bool:
    """Whether it is a digit or another number of any script."""
    return unicodedata.category(character).startswith("N")


@functools.cache
def pattern(kind: Callable[[str], bool]) -> str:
    """All characters of a kind, one of the functions above, as a bracketed pattern for RE2."""
    ranges = []
    for code in range(1, sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000 or not kind(chr(code)):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"
