"""Writing files so that a reader never meets a half-written one."""

from __future__ import annotations

import os
import pathlib
import typing

AnyPath: typing.TypeAlias = str | os.PathLike[str]


def write_file(path: AnyPath, content: str | bytes) -> None:
    """Writes `content` (str or bytes) beside `path`, then renames it into place."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several processes may write one path.
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
