"""The data of a recipe: files, in three parts, or a named data set."""

from __future__ import annotations

import os
import pathlib
import typing
from collections.abc import Callable

from kerasseq import data
from kerasseq.data.dataset import Dataset

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText

    Section: typing.TypeAlias = dict[str, typing.Any]

PARTS, SIDES = ("train", "validation", "test"), ("source", "target")
HELD_OUT = PARTS[1:]
KEYS = [*PARTS, *(f"{part}_{side}" for part in PARTS for side in SIDES)]


def files_of(section: Section) -> dict[str, pathlib.Path]:
    """The paths of the files that a `[data]` section names, by their keys.

    They are below `folder`, where the section has one: as it stands, or else in the folder that
    the variable `KERASSEQ_DATA` names.
    """
    folder = pathlib.Path(section.get("folder", ""))
    known = pathlib.Path(os.environ.get("KERASSEQ_DATA", "")) / folder
    folder = known if known.is_dir() and not folder.is_dir() else folder
    named = (key for key in KEYS if isinstance(section.get(key), str))
    return {key: folder / section[key] for key in named}


def check_parts(section: Section) -> None:
    """Refuses a `[data]` section that names no data to train on, or none to validate with."""
    for part in () if "name" in section else ("train", "validation"):
        keys = [part, *(f"{part}_{side}" for side in SIDES)]
        if not any(key in section for key in keys) and not section.get(f"{part}_share"):
            raise ValueError(
                f"Expected [data] to name the files of the {part} part: data.{part}, or of two "
                f"files of lines data.{part}_source and data.{part}_target; received "
                f"{', '.join(sorted(section)) or 'no key'}. Add the paths"
                + (", or validation_share." if part == "validation" else ".")
            )


def build_data(
    section: Section, read: Callable[[Section, str], typing.Any] | None = None
) -> Dataset:
    """Makes a Dataset of the `[data]` section; `test` is None for files without a test part.

    Args:
        section: dict of the section.
        read: function from the section, with the paths of its files, and a part's name to a
            corpus, or to None where no file is named for it. By default it reads pairs: two files
            of lines a part (`train_source`, `train_target`), or a table (`train`) with the
            columns `source` and `target`.

    A part that has no file and a share, `validation_share` or `test_share`, is drawn from the
    training files, by `split_seed`; no text stands in two. With `joined`, each part also gets runs
    of up to that many consecutive pairs, joined to one.

    Raises:
        ValueError: for a part without a file or share, or files that cannot be read.
    """
    section = dict(section)
    joined = section.pop("joined", None)
    if joined:
        found = build_data(section, read)
        parts = (found.train, found.validation, found.test)
        return Dataset(*(part and part.with_joined(joined) for part in parts), found.attribution)
    if "name" in section:
        return make("data", section, lambda: data.load(**section))
    check_parts(section)
    section |= {key: str(path) for key, path in files_of(section).items()}
    read = read or _read_pairs
    found = {part: read(section, part) for part in PARTS}
    for part in HELD_OUT[::-1]:
        share = section.get(f"{part}_share")
        if share and found[part] is None:
            seed = section.get("split_seed", 0)
            found["train"], found[part] = found["train"].split(share, seed=seed, disjoint=True)
    return Dataset(*found.values(), "the user's files")


def _read_pairs(section: Section, part: str) -> ParallelText | None:
    """A part of the user's pairs: a table, or two files of lines; None where none is named."""
    options = {"encoding": section["encoding"]} if "encoding" in section else {}
    lines = section.get(f"{part}_source"), section.get(f"{part}_target")
    if part in section:
        if any(lines) or not {"source", "target"} <= {*section}:
            raise ValueError(
                f"Expected source and target, columns of data.{part}, and no file of lines beside "
                f"it; received {sorted(section)}. Name the columns."
            )
        columns = section["source"], section["target"]
        corpus = data.ParallelText.from_table(section[part], *columns, **options)
    elif all(lines):
        corpus = data.ParallelText.from_files(*lines, **options)
    elif any(lines):
        raise ValueError(
            f"Expected [data] to name {part}_source and {part}_target; received one of them. Add "
            "the other path."
        )
    else:
        return None
    return corpus.with_whitespace() if section.get("keep_whitespace") else corpus


def make(section: str, options: Section, call: Callable[[], typing.Any]) -> typing.Any:
    """What `call` makes; an error about its options gets the name of their section."""
    try:
        return call()
    except TypeError as error:
        received = ", ".join(f"{key}={value!r}" for key, value in options.items())
        raise ValueError(
            f"Expected options of its kind in [{section}]; received {received or 'nothing'} "
            f"({error}). Correct the section."
        ) from error
