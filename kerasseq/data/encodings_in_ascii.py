"""Encodings whose bytes are all ASCII, UTF-7 and HZ, and which UTF-8 would read as they stand."""

from __future__ import annotations

import typing
import unicodedata
from collections.abc import Iterable, Iterator

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

# What each begins its other letters with.
BEGINS = {"utf_7": "+", "hz": "~{"}
# A file has them in one line of so many, or it has none.
ONE_LINE_OF = 100
# Words of one text are written in one of these, or in the East Asian ones together.
EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH", "HALFWIDTH"}


def refusing_disguised(lines: Iterable[str], name: AnyPath) -> Iterator[str]:
    """Passes lines on, and refuses them after the last where all were UTF-7, or HZ.

    All lines are ASCII then, and decode; one in a hundred at least holds letters beyond ASCII, of
    one writing. A plus sign in a text that is none, as of `C++` or `1+1`, mostly does not decode.

    Args:
        lines: iterable of str, read as UTF-8.
        name: what the message calls their file.

    Raises:
        ValueError: see above.
    """
    count, found = 0, {encoding: [] for encoding in BEGINS}  # of each the lines with letters
    for count, line in enumerate(lines, 1):
        yield line
        if found and not line.isascii():
            found = {}
        for encoding in [*found]:
            if BEGINS[encoding][0] not in line:
                continue
            try:
                text = line.encode().decode(encoding)
            except UnicodeDecodeError:
                del found[encoding]
                continue
            if not text.isascii():
                found[encoding].append((count, line, text) if _is_one_writing(text) else None)
    for encoding, likely in found.items():
        right = [each for each in likely if each]
        if len(right) * ONE_LINE_OF >= count and len(right) > len(likely) / 2:
            number, line, text = right[0]
            raise ValueError(
                f"Expected text in utf-8 in line {number} of {name}; received ASCII, likely "
                f"{encoding}: {line.rstrip()!r:.60} for {text.rstrip()!r:.60}. Pass "
                f'encoding="{encoding}" if it is that, or encoding="ascii" if it is text as it '
                "stands."
            )


def _is_one_writing(text):
    """Whether the letters beyond ASCII are of one writing, and all others are known."""
    others = [letter for letter in text if not letter.isascii()]
    if any(unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs") for letter in others):
        return False
    kinds = {unicodedata.name(letter, "").split()[0] for letter in others if letter.isalpha()}
    return bool(kinds) and (len(kinds) == 1 or kinds <= EAST_ASIAN)
