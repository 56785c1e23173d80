"""Folders that are whole: files that are saved all or none, and their hashes, `manifest.json`."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import typing
from collections.abc import Iterable

from kerasseq.files import sync, sync_tree, write_file
from kerasseq.untrusted import read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

NAME = "manifest.json"
SAVING, SAVED = ".saving", ".saved"


def write_all(folder: AnyPath, files: dict[str, bytes]) -> None:
    """Writes files into a folder, all or none, whenever the writer is killed.

    They are written into a folder within it. Once all are on the disk, this gets the name that says
    so, and each is moved to its place: by `finish`, where this writer did not. What else the folder
    holds stays.

    Args:
        folder: path.
        files: dict from names, with `/`, to contents.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    finish(folder)
    beside = folder / SAVING
    shutil.rmtree(beside, ignore_errors=True)  # of one that was killed
    try:
        for name, content in files.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            (beside / name).write_bytes(content)
        sync_tree(beside)
        os.replace(beside, folder / SAVED)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    sync(folder)
    finish(folder)


def finish(folder: AnyPath) -> None:
    """Moves to their places the files that a killed `write_all` had written whole.

    Raises:
        ValueError: for a link in the way, which no `write_all` made and which could move a file of
            elsewhere here, or one of here elsewhere. Nothing is moved.
    """
    root = pathlib.Path(folder).resolve()
    saved = root / SAVED
    if not saved.is_dir():
        return
    moves = [(path, root / path.relative_to(saved)) for path in sorted(saved.rglob("*"))]
    for path, place in [(saved, saved), *moves]:
        if path.is_symlink() or place.parent.resolve() != place.parent:
            raise ValueError(
                f"Expected files that a save had written in {saved}; received a link, {path} or a "
                "folder it belongs in. Remove it, and save again."
            )
    for path, place in moves:
        if path.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, place)
    shutil.rmtree(saved)
    sync(root)


def hash_file(path: AnyPath) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_folder(path: AnyPath) -> str:
    """The SHA-256 of what the files of a folder are called and hold."""
    root = pathlib.Path(path)
    files = sorted(each for each in root.rglob("*") if each.is_file())
    told = [(each.relative_to(root).as_posix(), hash_file(each)) for each in files]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def write_manifest(folder: AnyPath, names: Iterable[str]) -> None:
    """Writes the SHA-256 of files of a folder, by their names in it."""
    hashes = {name: hash_file(pathlib.Path(folder) / name) for name in sorted(names)}
    write_file(pathlib.Path(folder) / NAME, _text(hashes))


def with_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    """Files by their names, and a manifest of them."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return files | {NAME: _text(hashes).encode()}


def check_manifest(folder: AnyPath, *, required: bool = True) -> None:
    """Refuses a folder of which a file is missing, damaged or edited.

    Args:
        folder: path.
        required: bool; False for a folder that may be of a version without manifests.

    Raises:
        ValueError: names the file.
    """
    folder = pathlib.Path(folder)
    if not required and not (folder / NAME).exists():
        return
    try:
        hashes = dict(read_json(folder / NAME, folder=folder)["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder / NAME, f"none that can be read ({error})") from error
    for name, expected in hashes.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise _damaged(folder / NAME, f"a file outside the folder, {name!r}")
        if not path.is_file():
            raise _damaged(path, "no such file")
        if hash_file(path) != expected:
            raise _damaged(path, "other bytes")


def _text(hashes):
    return json.dumps({"sha256": hashes}, indent=1) + "\n"


def _damaged(path, received):
    return ValueError(
        f"Expected {path} as it was saved; received {received}: it is damaged or was edited. Save "
        "or copy the folder again."
    )
