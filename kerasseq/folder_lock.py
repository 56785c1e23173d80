"""One process at a time in a folder."""

from __future__ import annotations

import fcntl
import os
import pathlib
import typing

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

NAME = "lock"
_held: dict[pathlib.Path, typing.IO[str]] = {}


def lock(folder: AnyPath) -> int | None:
    """Takes a folder for this process, until `unlock` or the process' end, however it ends.

    The system holds the lock, and lets it go with its process: a file `lock` that a killed process
    left is no lock. A process that has the folder gets it again.

    Args:
        folder: path; it is made where there is none.

    Returns:
        int, the id of a process that ended without letting the folder go; None without one.

    Raises:
        BlockingIOError: when another process has the folder, with that process' id.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve() / NAME
    if path in _held:
        return None
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise BlockingIOError(
            f"Expected {folder} to be no other process' run; received one that process {owner} "
            "works in. Wait until it has ended, or name another folder."
        ) from error
    file.seek(0)
    before = file.read().strip()
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    _held[path] = file
    return int(before) if before.isdecimal() else None


def unlock(folder: AnyPath) -> None:
    """Lets a folder go that `lock` took."""
    file = _held.pop(pathlib.Path(folder).resolve() / NAME, None)
    if file is not None:
        file.truncate(0)
        file.close()
