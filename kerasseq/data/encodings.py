"""The encoding of a file: another is refused, with the likely one; mojibake is noticed."""

from __future__ import annotations

import codecs
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

# What files come in, the commonest first: of encodings that fit alike, the first is named.
USUAL = (
    "utf_8", "utf_16", "utf_32", "cp1252", "cp1251", "cp1250", "cp1253", "koi8_r", "mac_roman",
    "gb18030", "big5", "cp932", "euc_jp", "cp949",
)  # fmt: skip
# Of the lines with letters beyond ASCII, so many are looked at, and then one in so many.
LOOKED_AT, THEN_EVERY = 256, 64


def check_encoding(encoding: str) -> str:
    """The name of an encoding as `codecs` gives it; a byte order mark is no other encoding.

    Raises:
        ValueError: for what is not the name of an encoding of text.
    """
    try:
        "\n".encode(encoding)
        return codecs.lookup(encoding).name.removesuffix("-sig")
    except (LookupError, TypeError) as error:
        raise ValueError(
            f'Expected an encoding that Python knows, as "utf-8" or "cp1252"; received '
            f"{encoding!r}. Choose one."
        ) from error


def cuts_bytes(encoding: str) -> bool:
    """Whether the byte 0x0A is a line feed in an encoding, and nothing else."""
    return "\n".encode(encoding) == b"\n"


def refuse_bytes(found: bytes, where: str, encoding: str) -> typing.NoReturn:
    """Refuses text in another encoding, and says in which it likely is.

    Args:
        found: bytes, from the first wrong line on.
        where: str, the line and its file.
        encoding: str, the one expected.

    Raises:
        ValueError: always.
    """
    likely = likely_encoding(found)
    is_it, do = "", "Convert it to UTF-8, or pass its encoding."
    if likely:
        is_it, do = f", likely {likely}", f'Pass encoding="{likely}" if it is that.'
    raise ValueError(
        f"Expected text in {encoding} in {where}; received other bytes{is_it}: {found[:40]!r}. {do}"
    )


def likely_encoding(found: bytes) -> str | None:
    """The encoding that bytes are likely in: str, or None."""
    from charset_normalizer import from_bytes

    halves = found[::2].count(0), found[1::2].count(0)
    if sum(halves) * 5 >= len(found) * 2:
        marked = found.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return "utf_16" if marked else "utf_16_be" if halves[0] > halves[1] else "utf_16_le"
    matches = list(from_bytes(found, cp_isolation=list(USUAL)))
    if not matches:
        return None
    best = max((-match.chaos, match.coherence) for match in matches)
    fitting = {
        name
        for match in matches
        if (-match.chaos, match.coherence) == best
        for name in match.could_be_from_charset
    }
    return next((name for name in USUAL if name in fitting), matches[0].encoding)


Line = typing.TypeVar("Line")


def watched(
    lines: Iterable[Line],
    name: AnyPath,
    text_of: Callable[[Line], str] = str,
    unit: str = "line",
) -> Iterator[Line]:
    """Passes lines on, and warns once, after the last, of what was decoded wrongly before.

    Looked for in a sample of lines are mojibake, UTF-8 that was once read as cp1252, Mac Roman or
    the like, as ftfy knows it; and in all, U+FFFD, which stands for what is lost.

    Args:
        lines: iterable of str, or of rows.
        name: what the warning calls their file.
        text_of: function from a line or row to its text, a str.
        unit: str, what the warning calls one.
    """
    import ftfy

    beyond = looked = wrong = lost = 0
    first = None
    for number, each in enumerate(lines, 1):
        line = text_of(each)
        if not line.isascii():
            lost += "\ufffd" in line
            if beyond < LOOKED_AT or beyond % THEN_EVERY == 0:
                looked += 1
                mended = ftfy.fix_encoding(line)
                if mended != line:
                    wrong += 1
                    first = first or (number, line, mended)
            beyond += 1
        yield each
    if wrong:
        number, line, mended = first
        warnings.warn(
            f"Expected text decoded once in {name}; received mojibake in {wrong} of {looked} "
            f"{unit}s looked at, in {unit} {number} first: {line!r:.60} for {mended!r:.60}. Mend "
            "the file, with ftfy for example.",
            stacklevel=2,
        )
    if lost:
        warnings.warn(
            f"Expected whole text in {name}; received U+FFFD, which stands for lost letters, in "
            f"{lost} {unit}s. Read the file again from its source, in the right encoding.",
            stacklevel=2,
        )
