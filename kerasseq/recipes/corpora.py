"""The data of a recipe: files, in three parts, or a named data set."""

from __future__ import annotations

import dataclasses
import glob
import os
import pathlib
import typing
from collections.abc import Callable, Iterable

from kerasseq import data
from kerasseq.data.dataset import Dataset

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText

    Section: typing.TypeAlias = dict[str, typing.Any]
    Runs: typing.TypeAlias = list[list[pathlib.Path]]

PARTS, SIDES = ("train", "validation", "test"), ("source", "target")
HELD_OUT = PARTS[1:]
KEYS_OF: dict[str, tuple[str, ...]] = {
    part: (part, *(f"{part}_{side}" for side in SIDES)) for part in PARTS
}
KEYS: list[str] = [key for part in PARTS for key in KEYS_OF[part]]


def files_of(section: Section) -> dict[str, Runs]:
    """The paths of the files that a `[data]` section names, by their keys.

    A key has a path, a pattern such as "parts/*.tsv", or a list of them: for each of these there
    is a list, a pattern's files by their names. They are below `folder`, where the section has one:
    as it stands, or else in the folder that the variable `KERASSEQ_DATA` names.

    Raises:
        FileNotFoundError: for a pattern of no file.
    """
    folder, found = _folder(section), {}
    for key in KEYS:
        named = section.get(key, [])
        names = [named] if isinstance(named, str) else named
        if names:
            found[key] = [_paths(folder, name, key) for name in names]
    return found


def _folder(section):
    """The folder that a section names, as it stands or in that of `KERASSEQ_DATA`."""
    folder = pathlib.Path(section.get("folder", ""))
    known = pathlib.Path(os.environ.get("KERASSEQ_DATA", "")) / folder
    return known if known.is_dir() and not folder.is_dir() else folder


def alignments_file(section: Section) -> pathlib.Path | None:
    """The path of the alignments of the training pairs, which may lie below `folder`; or None."""
    return _folder(section) / section["alignments"] if "alignments" in section else None


def _paths(folder, name, key):
    """The files of a path, or of a pattern."""
    path = folder / name
    if not glob.has_magic(name) or path.is_file():
        return [path]
    found = glob.glob(str(pathlib.Path(glob.escape(str(folder))) / name))
    if not found:
        raise FileNotFoundError(
            f"Expected files of the pattern data.{key}, {name}; received none. Check the folder "
            "and the pattern."
        )
    return sorted(map(pathlib.Path, found))


def training_files(section: Section) -> list[pathlib.Path]:
    """The user's files that a `[data]` section names for training, patterns resolved."""
    named = files_of(section)
    return [path for key in KEYS_OF["train"] for run in named.get(key, []) for path in run]


def one_file(section: Section, part: str) -> pathlib.Path:
    """The path of a part that is one file, of a section that `build_data` hands to its reader."""
    paths = [path for run in section[part] for path in run]
    if len(paths) > 1:
        raise ValueError(
            f"Expected one file of data.{part}; received a pattern of {len(paths)}. Put their rows "
            "into one."
        )
    return paths[0]


def check_parts(section: Section) -> None:
    """Refuses a `[data]` section that names no data to train on, or none to validate with."""
    for part in () if "name" in section else ("train", "validation"):
        if not any(section.get(key) for key in (*KEYS_OF[part], f"{part}_share")):
            raise ValueError(
                f"Expected [data] to name the files of the {part} part: data.{part}, or of two "
                f"files of lines data.{part}_source and data.{part}_target; received "
                f"{', '.join(sorted(section)) or 'no key'}. Add the paths"
                + (", or validation_share." if part == "validation" else ".")
            )


def build_data(
    section: Section,
    parts: Iterable[str] = PARTS,
    read: Callable[[Section, str], typing.Any] | None = None,
    named: Callable[..., Dataset] | None = None,
    draw: Callable[[typing.Any, str, float], typing.Any] | None = None,
) -> Dataset:
    """Makes a Dataset of the `[data]` section; `test` is None for files without a test part.

    Args:
        section: dict of the section.
        parts: iterable of str; other parts of the user's files are None, and are not read but to
            draw these from them.
        read: function from the section, with the paths of `files_of`, and a part's name to a
            corpus, or to None where no file is named for it. By default it reads pairs: two files
            of lines a part (`train_source`, `train_target`), or a table (`train`) with the
            columns `source` and `target`. Several files follow each other.
        named: function that loads a data set that the section names, of its keys; `data.load` by
            default.
        draw: function from a corpus, a part's name and its share to what stays and that part. By
            default rows are drawn by `split_seed`; no text stands in two parts.

    A part that has no file and a share, `validation_share` or `test_share`, is drawn from the
    training files. With `joined`, each part also gets runs of up to that many consecutive pairs,
    joined to one. `alignments` names a file of the training pairs' word alignments, as they are
    before parts are drawn from them.

    Raises:
        ValueError: for a part without a file or share, or files that cannot be read.
    """
    section = {key: value for key, value in section.items() if key != "prepared"}
    joined = section.pop("joined", None)
    if joined:
        found = build_data(section, parts, read, named, draw)
        each = (found.train, found.validation, found.test)
        return Dataset(*(part and part.with_joined(joined) for part in each), found.attribution)
    parts, alignments = {*parts}, alignments_file(section)
    section.pop("alignments", None)
    if "name" in section:
        found = make("data", section, lambda: (named or data.load)(**section))
        if alignments and "train" in parts:
            return dataclasses.replace(found, train=found.train.with_alignments(alignments))
        return found
    check_parts(section)
    section |= files_of(section)
    read, drawn = read or _read_pairs, drawn_parts(section)
    needed = parts | ({*PARTS} if drawn else set())
    found = {part: read(section, part) if part in needed else None for part in PARTS}
    if alignments and "train" in parts:
        found["train"] = found["train"].with_alignments(alignments)
    for part in drawn:
        share, train = section[f"{part}_share"], found["train"]
        if draw:
            found["train"], found[part] = draw(train, part, share)
        else:
            seed = section.get("split_seed", 0)
            found["train"], found[part] = train.split(share, seed=seed, disjoint=True)
    return Dataset(*(found[part] if part in parts else None for part in PARTS), "the user's files")


def drawn_parts(section: Section) -> list[str]:
    """The parts that are drawn from the training files, in the order in which they are."""
    return [
        part
        for part in HELD_OUT[::-1]
        if section.get(f"{part}_share") and not any(section.get(key) for key in KEYS_OF[part])
    ]


def _read_pairs(section: Section, part: str) -> ParallelText | None:
    """A part of the user's pairs: tables, or two files of lines each; None where none is named."""
    options = {"encoding": section["encoding"]} if "encoding" in section else {}
    lines = section.get(f"{part}_source"), section.get(f"{part}_target")
    if section.get(part):
        if any(lines) or not {"source", "target"} <= {*section}:
            raise ValueError(
                f"Expected source and target, columns of data.{part}, and no file of lines beside "
                f"it; received {sorted(section)}. Name the columns."
            )
        columns = section["source"], section["target"]
        runs = [
            [data.ParallelText.from_table(path, *columns, **options) for path in paths]
            for paths in section[part]
        ]
    elif all(lines):
        runs = _pairs_of_lines(part, *lines, options)
    elif any(lines):
        raise ValueError(
            f"Expected [data] to name {part}_source and {part}_target; received one of them. Add "
            "the other path."
        )
    else:
        return None
    # A name of the list is one part, which [batches] may weigh, whatever its pattern finds.
    found = _together([_together(run) for run in runs])
    return found.with_whitespace() if section.get("keep_whitespace") else found


def _pairs_of_lines(part, sources, targets, options):
    if [*map(len, sources)] != [*map(len, targets)]:
        raise ValueError(
            f"Expected a file of data.{part}_target for each of data.{part}_source; received "
            f"{[*map(len, targets)]} for {[*map(len, sources)]}. Name them in one order."
        )
    return [
        [data.ParallelText.from_files(*pair, **options) for pair in zip(*run, strict=True)]
        for run in zip(sources, targets, strict=True)
    ]


def _together(corpora):
    return corpora[0] if len(corpora) == 1 else data.ParallelText.concatenate(corpora)


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
