"""Where an export is written and as what, told by its path before Keras is imported."""

from __future__ import annotations

import pathlib
import typing

from kerasseq.extras import check_extra


class Target(typing.NamedTuple):
    """What is written to a path of some ending.

    Attributes:
        quantizations: tuple of what `quantize` may be.
        is_folder: bool, whether a folder is written, which must not exist before.
        extra: str, the extra that reads it; None for none.
    """

    quantizations: tuple[str | None, ...]
    is_folder: bool
    extra: str | None = None


TARGETS = {
    "": Target((None,), True),
    ".tflite": Target((None, "float16", "int8"), False, "litert"),
}


def check_target(path: pathlib.Path, quantize: str | None = None) -> str:
    """Refuses a path where no export can be written; returns the one of `TARGETS` that it names.

    Args:
        path: pathlib.Path of a new folder, or of a file.
        quantize: str or None.

    Raises:
        ValueError: for another ending, a path in use or below a file, or a `quantize` that such an
            export does not have.
        ImportError: without the extra that reads it.
    """
    known = path.suffix in TARGETS or path.suffix[1:].isdigit()
    if not known or path.name.strip(".") != path.name:
        raise ValueError(
            f"Expected a path without an ending, for a SavedModel, or one that ends in "
            f"{', '.join(filter(None, TARGETS))}; received {path.name}. Rename it."
        )
    ending = path.suffix if path.suffix in TARGETS else ""
    target = TARGETS[ending]
    if target.extra:
        check_extra(target.extra)
    every = TARGETS[".tflite"].quantizations
    if quantize not in every:
        raise ValueError(
            f"Expected quantize to be one of {every}; received {quantize!r}. Choose one."
        )
    if quantize not in target.quantizations:
        raise ValueError(
            f"Expected a path ending in .tflite to quantize to {quantize!r}; received {path}. "
            "A SavedModel keeps float32."
        )
    if target.is_folder and path.exists():
        raise ValueError(
            f"Expected a path for a new folder; received {path}, which exists. Name the next "
            "version, or remove it."
        )
    if path.is_dir():
        raise ValueError(
            f"Expected a path for a file; received {path}, which is a folder. Name another file."
        )
    above = next(each for each in path.absolute().parents if each.exists())
    if not above.is_dir():
        raise ValueError(
            f"Expected a path in a folder; received {path}, but {above} is a file. Name a folder."
        )
    return ending
