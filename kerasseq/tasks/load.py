"""Loading a saved task of any kind."""

import pathlib

from kerasseq.tasks.captioner import Captioner
from kerasseq.tasks.mask_filler import MaskFiller
from kerasseq.tasks.span_finder import SpanFinder
from kerasseq.tasks.text_classifier import TextClassifier
from kerasseq.tasks.token_classifier import TokenClassifier
from kerasseq.tasks.translator import Translator

TASKS = {
    "translator": Translator,
    "captioner": Captioner,
    "mask_filler": MaskFiller,
} | {task.name: task for task in (SpanFinder, TextClassifier, TokenClassifier)}


def load(folder):
    """Loads a task of the kind whose description the folder holds.

    Args:
        folder: path, as a task's `save` wrote it.

    Returns:
        Translator, Captioner, TextClassifier, TokenClassifier, SpanFinder or MaskFiller.

    Raises:
        FileNotFoundError: when the folder describes no task, or a file is missing.
        ValueError: when a file is damaged.
    """
    for name, task in TASKS.items():
        if (pathlib.Path(folder) / f"{name}.json").is_file():
            return task.load(folder)
    raise FileNotFoundError(
        f"Expected a saved {', '.join(TASKS)} in {folder}; received a folder without any of "
        "their .json files. Name the folder that save wrote."
    )
