"""The folder of a run: what it says of the run, and which run it is."""

from __future__ import annotations

import hashlib
import json
import pathlib
import platform
import typing

import keras

from kerasseq import machine
from kerasseq.files import write_file
from kerasseq.recipes.recipe import write_toml

if typing.TYPE_CHECKING:
    from kerasseq.data.dataset import Dataset
    from kerasseq.recipes.prepare import Prepared
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask
    from kerasseq.text.tokenizer import Tokenizer

PACKAGES = (
    "kerasseq",
    "keras",
    "tensorflow",
    "tensorflow-text",
    "jax",
    "sentencepiece",
    "sacrebleu",
)


def claim(
    run: pathlib.Path,
    recipe: Recipe,
    task: AnyTask,
    report: dict[str, typing.Any],
    origin: dict[str, typing.Any],
) -> None:
    """Writes the recipe, environment, tokenizers and batch statistics into the run folder."""
    write_file(run / "recipe.toml", write_toml(recipe))
    versions = {name: _version(name) for name in PACKAGES}
    environment = {
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": machine.settings(),
        "versions": versions,
    } | ({"start": origin} if origin else {})
    write_file(run / "environment.json", json.dumps(environment, indent=1))
    for side, tokenizer in task.processor.tokenizers.items():
        tokenizer.save(run / side)
    shapes = [[*shape, count] for shape, count in report["shapes"].items()]
    write_file(run / "batches.json", json.dumps(report | {"shapes": shapes}, indent=1))


def _version(name):
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def what_a_run_depends_on(
    corpus: Dataset, tokenizers: dict[str, Tokenizer], prepared: Prepared | None = None
) -> dict[str, str]:
    """The SHA-256 of what a run learns from and reads with.

    Args:
        corpus: Dataset.
        tokenizers: dict of Tokenizer by side.
        prepared: Prepared, the ids in place of the training text.
    """
    found, parts = {}, [("validation", corpus.validation)]
    if prepared is None:
        parts.append(("training", corpus.train))
    for name, rows in parts:
        found[f"the {name} data"] = hashlib.sha256()
        for row in rows:
            found[f"the {name} data"].update(json.dumps(row, default=_as_list).encode())
    alignments = getattr(corpus.train, "alignments", None)
    if alignments:
        found["the alignments"] = hashlib.sha256("\n".join(alignments.lines()).encode())
    found = {name: each.hexdigest() for name, each in found.items()}
    if prepared is not None:
        found["the training data"] = prepared.sha256
    for side, tokenizer in tokenizers.items():
        name = f"the {side} tokenizer" if side != "tokenizer" else "the tokenizer"
        found[name] = tokenizer.sha256()
    return found


def _as_list(array):
    """An array of a row of numbers, as JSON has it."""
    return array.tolist()
