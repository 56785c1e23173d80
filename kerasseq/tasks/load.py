"""Loading a saved task of any kind."""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
import typing

from kerasseq.manifest import finish
from kerasseq.saved_models import model_folder
from kerasseq.tasks.task import AnyTask, Task

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath


def kinds() -> dict[str, type[AnyTask]]:
    """The classes of tasks by name: this package's, and those that were defined since."""
    for module in pkgutil.iter_modules([pathlib.Path(__file__).parent]):  # each registers its own
        importlib.import_module(f"kerasseq.tasks.{module.name}")
    return Task.kinds


def load(folder: AnyPath, *, verify: bool = True) -> AnyTask:
    """Loads a task of the kind whose description the folder holds.

    Args:
        folder: path, as a task's `save` wrote it, or the name of an installed model.
        verify: bool, compare the files with their hashes.

    Returns:
        Translator, Captioner, TextClassifier or another subclass of Task.

    Raises:
        FileNotFoundError: when the folder describes no task, or a file is missing.
        ValueError: when a file is damaged.
    """
    folder = model_folder(folder)
    finish(folder)
    for name, task in kinds().items():
        if (folder / f"{name}.json").is_file():
            return task.load(folder, verify=verify)
    raise FileNotFoundError(
        f"Expected a saved {', '.join(sorted(kinds()))} in {folder}; received a folder without "
        "any of their .json files. Name the folder that save wrote."
    )
