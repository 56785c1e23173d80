"""Reading lines: the one place that says what ends a line, in files, tables, pipes and graphs.

A line ends at "\\n"; carriage returns right before it belong to its end. Nothing else ends one: a
carriage return elsewhere, a form feed, NEL, U+2028 and U+2029 are white space in the line, which
`kerasseq.text.normalize` makes one space.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import pathlib
import typing
import zlib
from collections.abc import Iterator

from kerasseq.data.encodings import (
    check_encoding,
    cuts_bytes,
    is_no_text,
    refuse_bytes,
    refusing_utf8,
    watched,
)
from kerasseq.data.encodings_in_ascii import refusing_disguised

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath


def check_file(path: AnyPath) -> None:
    """Refuses what is no file.

    Raises:
        FileNotFoundError: for a missing file or a folder.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(f"Expected a file at {path}; received {found}. Check the path.")


@contextlib.contextmanager
def opened(path: AnyPath) -> Iterator[typing.BinaryIO]:
    """A file, plain or gzipped, open for reading bytes.

    Raises:
        FileNotFoundError: for a missing file or a folder.
        ValueError: for a damaged gzip file.
    """
    check_file(path)
    path = pathlib.Path(path)
    with (gzip.open if path.suffix.lower() == ".gz" else open)(path, "rb") as file:
        try:
            yield file
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(
                f"Expected a gzip file at {path}; received damaged data ({error}). "
                "Download or compress it again."
            ) from error


def read_lines(path: AnyPath, encoding: str = "utf-8") -> Iterator[str]:
    """Streams the lines of a file, as `cut_lines` does.

    Args:
        path: path of a file, plain or `.gz`.
        encoding: str, a name that Python knows.

    Raises:
        FileNotFoundError: for a missing file or a folder.
        ValueError: for a damaged gzip file, or as `cut_lines`.
    """
    with opened(path) as file:
        yield from cut_lines(file, path, encoding)


def cut_lines(file: typing.BinaryIO, name: AnyPath, encoding: str = "utf-8") -> Iterator[str]:
    """Streams the lines of an open file, without their ends and without a byte order mark.

    Args:
        file: file open for reading bytes.
        name: what messages call it.
        encoding: str.

    Yields:
        str.

    Raises:
        ValueError: for an unknown encoding, a line that is not in it or is no text, a file that
            is UTF-8 when another is told or likely another when UTF-8 is, or whose lines end
            with carriage returns alone.
    """
    encoding = check_encoding(encoding)
    number, line = 0, ""
    for number, line in enumerate(_decoded(file, name, encoding), 1):
        text = line.rstrip("\r\n").removeprefix("\ufeff")
        if number == 1 and line.endswith("\r") and line.count("\r") > 1:
            raise ValueError(
                f'Expected lines that end with "\\n" in {name}; received {line.count(chr(13))} '
                "carriage returns and no line feed. Convert the file: tr '\\r' '\\n'."
            )
        if text or line.endswith("\n"):  # after the last "\n" stands no further, empty line
            yield text


def _decoded(file, name, encoding):
    """The lines of a file as str, with their ends."""
    lines = (_by_bytes if cuts_bytes(encoding) else _by_letters)(file, name, encoding)
    if encoding == "utf-8":
        return refusing_disguised((text for _, text in lines), name)
    return refusing_utf8(lines, name, encoding)


def _by_bytes(file, name, encoding):
    """Pairs of a line's bytes and its text, cut at the byte of a line feed."""
    for number, line in enumerate(file, 1):
        where = f"line {number} of {name}"
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            refuse_bytes(line + file.read1(2**16), where, encoding)
        if is_no_text(text):
            refuse_bytes(line, where, encoding)
        yield line, text


def _by_letters(file, name, encoding):
    """The same, of an encoding in which a line feed is several bytes."""
    number, text = 0, io.TextIOWrapper(file, encoding, newline="\n")
    try:
        for line in text:
            yield line.encode(encoding, "surrogatepass"), line
            number += 1
    except UnicodeError as error:
        raise ValueError(
            f"Expected text in {encoding} in {name}; received other bytes after line {number} "
            f"({error}). Pass the encoding that it is in."
        ) from error
    finally:
        if not file.closed:
            text.detach()  # the file stays its owner's


def count_lines(path: AnyPath, encoding: str = "utf-8") -> int:
    """The number of lines of a file; warns of text that was once read in a wrong encoding.

    Raises:
        ValueError: for a file without a line, or as `read_lines`.
    """
    count = sum(1 for _ in watched(read_lines(path, encoding), path))
    if not count:
        raise ValueError(
            f"Expected at least one line in {path}; received an empty file. Check how it was made."
        )
    return count
