"""Writing files so that a reader never meets a half-written one, whenever the writer is killed."""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile
import typing
from collections.abc import Iterator

AnyPath: typing.TypeAlias = str | os.PathLike[str]


def write_file(path: AnyPath, content: str | bytes) -> None:
    """Writes `content` (str or bytes) beside `path`, onto the disk, then renames it into place."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several processes may write one path.
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        sync(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: AnyPath) -> Iterator[pathlib.Path]:
    """A folder beside `path` to write into, which is renamed into place when the block ends.

    What was written is on the disk before it has its name. When the block fails nothing is left.

    Raises:
        FileExistsError: when there is something at the path.
    """
    path = pathlib.Path(path)
    if path.exists():
        raise FileExistsError(
            f"Expected the path of a new folder; received {path}, which exists. Remove it, or "
            "name another."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{path.name}.") as folder:
        beside = pathlib.Path(folder) / "part"  # a temporary folder is its owner's alone
        beside.mkdir()
        yield beside
        sync_tree(beside)
        os.replace(beside, path)
    sync(path.parent)


def sync_tree(path: pathlib.Path) -> None:
    """Waits until a file, or a folder with all that it holds, is on the disk."""
    for each in [*path.rglob("*"), path]:
        sync(each)


def sync(path: AnyPath) -> None:
    """Waits until a file's bytes, or a folder's list of names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
