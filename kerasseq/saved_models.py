"""Folders of saved models: those that are installed and have names, and what a folder holds."""

from __future__ import annotations

import importlib.util
import pathlib
import typing
from collections.abc import Iterator

from kerasseq.meant import meant
from kerasseq.untrusted import read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

PACKAGE = "kerasseq_models"
RECIPE = "recipe.toml"  # of a run, in its folder
RUNS = pathlib.Path("runs")  # where the command line puts runs
CLONE = pathlib.Path(__file__).parents[1] / "saved_models"


def named_models() -> dict[str, pathlib.Path]:
    """The folders of the installed models, by name.

    They are those of the package `kerasseq-models`; in a clone, those of its `saved_models`.
    """
    package = importlib.util.find_spec(PACKAGE)
    places = [CLONE, *(package.submodule_search_locations or () if package else ())]
    return {
        card.parent.name: card.parent
        for place in places
        for card in sorted(pathlib.Path(place).glob("*/CARD.md"))
    }


def is_project(folder: AnyPath) -> bool:
    """Whether a folder holds a recipe of its own name, as `kerasseq new` writes it."""
    return project_recipe(folder).is_file()


def project_recipe(folder: AnyPath) -> pathlib.Path:
    """Where a project's folder has its recipe: the path of a file of the folder's own name."""
    path = pathlib.Path(folder)
    return path / f"{path.resolve().name}.toml"


def model_folder(folder: AnyPath) -> pathlib.Path:
    """The folder of a model.

    Args:
        folder: path, taken as it is when something is there; of a run the task that it trained; or
            the name of an installed model.

    Raises:
        FileNotFoundError: when nothing is there and no model has that name, for a run that was not
            trained to its end, or for the folder of a recipe, which is no run.
    """
    path = pathlib.Path(folder)
    if (path / RECIPE).is_file():
        return _trained(path)
    if is_project(path) and next(described(path), None) is None:
        run = RUNS / path.resolve().name
        raise FileNotFoundError(
            f"Expected a run or a saved task; received {folder}, which holds a recipe. "
            + (f"Did you mean {run}?" if (run / RECIPE).is_file() else "Train it first.")
        )
    if path.exists():
        return path
    named = named_models()
    if str(folder) in named:
        return named[str(folder)]
    known = [*named, *(str(each.parent) for each in RUNS.glob(f"*/{RECIPE}"))]
    where = "" if path.is_absolute() else f" from {pathlib.Path.cwd()} on"
    raise FileNotFoundError(
        f"Expected a path, or the name of an installed model ({', '.join(named) or 'none is'}); "
        f"received {folder}, where nothing is. "
        + (meant(folder, known).strip() or f"Check the path{where}.")
    )


def _trained(run):
    """The task that a run trained: its folder has the task's name."""
    for folder in sorted(each for each in run.iterdir() if each.is_dir()):
        if folder.name in described(folder):
            return folder
    raise FileNotFoundError(
        f"Expected a run that was trained to its end; received {run}, which holds no task yet. Go "
        "on with it: kerasseq train, with the same recipe."
    )


def described(folder: pathlib.Path) -> Iterator[str]:
    """Yields the names of the tasks whose descriptions a folder holds."""
    for path in sorted(folder.glob("*.json")):
        try:
            found = read_json(path)
            if isinstance(found["model"]["class_name"], str):
                yield path.stem
        except (ValueError, KeyError, TypeError, OSError):
            continue  # another file of the user's
