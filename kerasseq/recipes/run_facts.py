"""What a card says of a run: its data and its scores."""

from __future__ import annotations

import pathlib
import typing

from kerasseq.recipes.corpora import HELD_OUT
from kerasseq.recipes.recipe import load_recipe
from kerasseq.saved_models import RECIPE
from kerasseq.untrusted import read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath


def run_facts(run: AnyPath) -> dict[str, typing.Any]:
    """The data and the scores of a run, as `Task.push` takes them; empty for another folder.

    Args:
        run: path.

    Returns:
        dict of `data`, the data set's name or the files' without their folders, with how many rows
        were learned from, and of `scores`, of the test part, or else of validation.
    """
    run = pathlib.Path(run)
    if not (run / RECIPE).is_file():
        return {}
    section = load_recipe(run / RECIPE)["data"]
    named = [section.get("name"), section.get("language")]
    for key in ("train", "train_source", "train_target"):
        given = section.get(key, [])
        paths = [given] if isinstance(given, str) else given
        named += [pathlib.Path(path).name for path in paths]
    batches = run / "batches.json"
    counted = read_json(batches) if batches.is_file() else {}
    rows = counted.get("rows", counted.get("pairs"))  # as earlier versions said
    learned = f", {rows:,} rows learned from" if rows else ""
    found = {"data": f"{', '.join(filter(None, named))}{learned}."}
    for part in HELD_OUT[::-1]:
        path = run / f"{part}.scores.json"
        if path.is_file():
            found["scores"] = {f"{name}, {part}": each for name, each in read_json(path).items()}
            break
    return found
