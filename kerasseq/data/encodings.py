"""The encoding of a file: another is refused, with the likely one; mojibake is noticed."""

from __future__ import annotations

import codecs
import re
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
# A text has none of these, or few; and of ISO 2022, as in Japanese e-mails, no such escape.
CONTROLS = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")
ISO_2022 = {"\x1b$)C": "iso2022_kr", "\x1b$": "iso2022_jp"}
# How files begin that hold text only when they are unpacked.
PACKED = {
    b"\x1f\x8b": ("a gzip file", "Name it with .gz at its end"),
    b"PK\x03\x04": ("a zip file, as .xlsx is one", "Unpack it, or save a workbook as CSV in UTF-8"),
    b"BZh": ("a bzip2 file", "Unpack it"),
    b"\xfd7zXZ": ("an xz file", "Unpack it"),
    b"\x28\xb5\x2f\xfd": ("a zstd file", "Unpack it"),
    b"PAR1": ("a Parquet file", "Read it with from_parquet"),
}
# So many letters beyond ASCII that are UTF-8 too are no chance.
BY_CHANCE = 2


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


def is_no_text(line: str) -> bool:
    """Whether what was decoded is no text: two fifths of it control characters, or ISO 2022."""
    return 2 * len(line) <= 5 * len(CONTROLS.findall(line)) > 5 or "\x1b$" in line


def refuse_bytes(found: bytes, where: str, encoding: str) -> typing.NoReturn:
    """Refuses text in another encoding, or a packed file, and says what it likely is.

    Args:
        found: bytes, from the first wrong line on.
        where: str, the line and its file.
        encoding: str, the one expected.

    Raises:
        ValueError: always.
    """
    for begins, (kind, what_to_do) in PACKED.items():
        if found.startswith(begins):
            raise ValueError(
                f"Expected text in {encoding} in {where}; received {kind}: {found[:20]!r}. "
                f"{what_to_do}."
            )
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

    for escape, encoding in ISO_2022.items():
        if escape.encode() in found:
            return encoding
    wide = _wide_encoding(found)
    if wide:
        return wide
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


def _wide_encoding(found):
    """UTF-32 or UTF-16 of bytes that are mostly control characters at every fourth or second
    place, as what stands before or behind a letter of Europe's alphabets; or None."""
    if found.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf_32"
    if found.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf_16"
    low = [sum(byte < 9 for byte in found[place::4]) * 5 for place in range(4)]
    first, second, third, fourth = (4 * count >= 2 * len(found) for count in low)
    if first and second and not fourth:
        return "utf_32_be"
    if third and fourth and not first:
        return "utf_32_le"
    if first or third:
        return "utf_16_be"
    return "utf_16_le" if second or fourth else None


Line = typing.TypeVar("Line")


def refusing_utf8(
    lines: Iterable[tuple[bytes, str]], name: AnyPath, encoding: str
) -> Iterator[str]:
    """Passes lines on, and refuses them after the last where all were UTF-8.

    Read in another encoding, UTF-8 mostly decodes, to other letters.

    Args:
        lines: iterable of pairs, the bytes of a line and its text in `encoding`.
        name: what the message calls their file.
        encoding: str, not UTF-8.

    Raises:
        ValueError: see above; that the file is UTF-8 without doubt.
    """
    beyond, first = 0, None
    for number, (found, text) in enumerate(lines, 1):
        yield text
        if first is False or text.isascii():
            continue
        right = _utf8(found, encoding)
        beyond += sum(not letter.isascii() for letter in text)
        first = first or (number, text, right) if right else False
    if first and beyond > BY_CHANCE:
        number, text, right = first
        raise ValueError(
            f"Expected text in {encoding} in {name}; received UTF-8, in line {number} first: "
            f"{text.rstrip()!r:.60} for {right!r:.60}. Leave the encoding out."
        )


def _utf8(found, encoding):
    """Bytes of `encoding` as UTF-8; "" for what is none, as UTF-16 that holds NUL, or as letters
    in ISO 2022's escapes."""
    if b"\0" in found or (found.isascii() and cuts_bytes(encoding)):
        return ""
    try:
        return found.decode("utf-8").rstrip()
    except UnicodeDecodeError:
        return ""


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
