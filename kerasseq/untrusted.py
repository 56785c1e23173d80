"""Reading what others wrote: sizes before contents, links that stay inside, numbers that fit, and
one sentence for whatever is wrong. Every reader of a file goes through here."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import stat
import typing
import zipfile
from collections.abc import Callable, Iterator

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

LARGEST_FILE = 2**27  # bytes of a text or vocabulary; the largest in use are a quarter of it
MOST_MEMBERS = 1000  # files of an archive
DEEPEST = 64  # lists and objects in each other
LARGEST_INTEGER = 10**100  # "no limit" is 10**30 in many a file
LONGEST_REASON = 200  # characters of another library's message
LONGEST_SENTENCE = 1000  # of this package's, where it repeats what it received

_Function = typing.TypeVar("_Function", bound=Callable[..., typing.Any])
_Kind = typing.TypeVar("_Kind", bound="dict[str, typing.Any] | list[typing.Any]")


@contextlib.contextmanager
def reading(where: object, what: str, remedy: str) -> Iterator[None]:
    """Whatever goes wrong inside is one sentence of this package: the door of every loader.

    A sentence that a reader already wrote passes, as do a missing file or package; the error
    behind another stays chained to it.

    Args:
        where: path, or what else messages call the file.
        what: str, what should stand there, as "a saved translator".
        remedy: str, a sentence: what to do.

    Raises:
        ValueError: for what a reader did not foresee: a value of another kind, a name that is
            not there, a size that no memory holds.
    """
    try:
        yield
    except (ImportError, FileNotFoundError, PermissionError, KeyboardInterrupt):
        raise
    except Exception as error:
        said = str(error)
        if isinstance(error, ValueError | OSError) and said.startswith("Expected "):
            if len(said) <= LONGEST_SENTENCE:
                raise
            half = LONGEST_SENTENCE // 2
            raise type(error)(f"{said[:half]} … {said[-half:]}") from error
        reason = " ".join(f"{type(error).__name__}: {said}".split())[:LONGEST_REASON]
        raise ValueError(
            f"Expected {what} in {where}; received something else ({reason}). {remedy}"
        ) from error


def door(what: str, remedy: str) -> Callable[[_Function], _Function]:
    """Wraps a loader whose first argument is a path in `reading`; an object in its place is the
    caller's own, and its errors are."""

    def wrap(function):
        @functools.wraps(function)
        def read(where, *arguments, **options):
            if not isinstance(where, str | os.PathLike):
                return function(where, *arguments, **options)
            with reading(where, what, remedy):
                return function(where, *arguments, **options)

        return read

    return wrap


def read_file(path: AnyPath, folder: AnyPath | None = None, most: int = LARGEST_FILE) -> bytes:
    """The bytes of a file, if they are not too many.

    Args:
        path: path of the file.
        folder: path that it must stay below when it is a link; None for a file that the user
            named.
        most: int, bytes.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for what is no file, a link that leads away, or more bytes.
    """
    path = pathlib.Path(path)
    check_place(path, folder)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(
            f"Expected at most {most} bytes in {path}; received "
            f"{max(path.stat().st_size, len(content))}. Copy it again."
        )
    return content


def check_place(path: AnyPath, folder: AnyPath | None = None) -> None:
    """Refuses what is no file, or a link that leads out of a folder; arguments as `read_file`.

    A link of the Hugging Face hub's cache leads to the blobs beside the folder.

    Raises:
        FileNotFoundError, ValueError: as `read_file`.
    """
    path = pathlib.Path(path)
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(
            f"Expected a file at {path}; received none. Check the path, or copy it there."
        ) from error
    except OSError as error:  # a link to itself, a name that is too long
        raise ValueError(
            f"Expected a file at {path}; received none that opens ({error.strerror}). Copy it "
            "again."
        ) from error
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or a pipe"
        raise ValueError(f"Expected a file at {path}; received {kind}. Name the file itself.")
    if folder is None:
        return
    folder, real = pathlib.Path(folder).resolve(), path.resolve()
    blobs = folder.parents[1] / "blobs" if folder.parent.name == "snapshots" else folder
    if not (real.is_relative_to(folder) or real.is_relative_to(blobs)):
        raise ValueError(
            f"Expected {path.name} in {folder} itself; received a link to {real}, outside of it. "
            "Copy the file there."
        )


def read_text(path: AnyPath, folder: AnyPath | None = None, most: int = LARGEST_FILE) -> str:
    """The text of a file in UTF-8; arguments as `read_file`.

    Raises:
        FileNotFoundError, ValueError: as `read_file`, and for bytes that are not UTF-8.
    """
    return decode(read_file(path, folder, most), path)


def decode(content: bytes, where: object) -> str:
    """Bytes as text in UTF-8, line ends as they are.

    Raises:
        ValueError: for other bytes.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected text in UTF-8 in {where}; received other bytes ({error}). Copy it again."
        ) from error


def read_json(
    path: AnyPath, kind: type[_Kind] = dict, folder: AnyPath | None = None, most: int = LARGEST_FILE
) -> _Kind:
    """What a JSON file holds; see `parse_json` and `read_file`."""
    return parse_json(read_file(path, folder, most), path, kind)


def parse_json(content: bytes | str, where: object, kind: type[_Kind] = dict) -> _Kind:
    """The object or list of a JSON text.

    Args:
        content: bytes in UTF-8, or str.
        where: path, or what else messages call it.
        kind: dict or list.

    Raises:
        ValueError: for other text, lists and objects more than 64 deep, integers of more than
            100 digits, or half of a surrogate pair.
    """
    text = decode(content, where) if isinstance(content, bytes) else content
    try:
        found = json.loads(text)
        _check_values([found])
        reason = None if isinstance(found, kind) else type(found).__name__
    except (ValueError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error!s:.{LONGEST_REASON}}"
    if reason:
        raise ValueError(
            f"Expected a JSON {'object' if kind is dict else 'list'} in {where}; received "
            f"something else ({reason}). Copy it again."
        )
    return found


def _check_values(found):
    """Refuses what no reader behind expects, level by level."""
    level = [found]
    for _ in range(DEEPEST + 1):  # the list around it is one
        level = [
            each
            for held in level
            for part in ((held.keys(), held.values()) if isinstance(held, dict) else (held,))
            for each in part
            if isinstance(each, list | dict) or _checked(each)
        ]
        if not level:
            return
    raise ValueError(f"lists and objects more than {DEEPEST} deep")


def _checked(value):
    """False for a plain value; raises for one that is refused."""
    if isinstance(value, str):
        if not value.isascii():
            value.encode("utf-8")  # UnicodeEncodeError is a ValueError
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ValueError(f"{value!r:.80}, an integer of more than 100 digits")
    return False


def is_plain_name(name: object) -> bool:
    """Whether it is the name of a file and no path."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\:\0")


def read_archive(file: typing.Any, where: object, most: int = LARGEST_FILE) -> dict[str, bytes]:
    """The files of a zip archive by name. The sizes that it says are added up before any is read.

    Args:
        file: path, or a binary file.
        where: path, or what else messages call it.
        most: int, bytes of all files together.

    Raises:
        ValueError: for another file, one that unpacks more, or names that leave a folder.
    """
    with reading(where, "a zip archive", "Copy it again."), zipfile.ZipFile(file) as archive:
        members = [each for each in archive.infolist() if not each.filename.endswith("/")]
        total = sum(each.file_size for each in members)
        if total > most or len(members) > MOST_MEMBERS:
            raise ValueError(
                f"Expected at most {MOST_MEMBERS} files and {most} bytes in the archive of "
                f"{where}; received {len(members)} files of {total} bytes. Copy it again."
            )
        for each in members:
            if not all(map(is_plain_name, each.filename.split("/"))):
                raise ValueError(
                    f"Expected files inside the archive of {where}; received the path "
                    f"{each.filename!r:.80}. Copy it again."
                )
        return {each.filename: archive.read(each) for each in members}
