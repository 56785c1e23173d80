"""A task as a folder: a description in JSON, tokenizers, weights; nothing in it is run."""

import json
import pathlib

from kerasseq import models
from kerasseq.files import write_file
from kerasseq.tasks.weights import load_weights, save_weights
from kerasseq.text import load_tokenizer

NAMES = ("translator", "captioner", "mask_filler", "classifier", "tagger", "span_finder")


def save_task(folder, name, model, tokenizers, options, dtype="float32"):
    """Writes `{name}.json`, a folder for each tokenizer, and `model.safetensors`.

    Args:
        folder: path.
        name: str, "translator", "captioner" and so on.
        model: keras.Model of this package.
        tokenizers: dict from names of folders to Tokenizer.
        options: dict of JSON values, what else the task is made of.
        dtype: "float32", or "float16" for half the size.

    Raises:
        ValueError: for a folder that holds a task of another kind.
    """
    folder = pathlib.Path(folder)
    others = [other for other in NAMES if other != name and (folder / f"{other}.json").is_file()]
    if others:
        raise ValueError(
            f"Expected a folder without another task; received {folder}, which holds a "
            f"{others[0]}. Name another folder."
        )
    description = {"model": models.serialize(model)} | options
    text = json.dumps(description, indent=1) + "\n"  # before anything is written
    for side, tokenizer in tokenizers.items():
        tokenizer.save(folder / side)
    save_weights(model, folder / "model.safetensors", dtype)
    write_file(folder / f"{name}.json", text)


def load_task(folder, name, tokenizers, read):
    """Reads what `save_task` wrote.

    Args:
        folder: path.
        name: str, as it was saved.
        tokenizers: list of str, the folders of tokenizers.
        read: function from the options to the task's arguments, which it checks.

    Returns:
        the model, the Tokenizers, and what `read` returns.

    Raises:
        FileNotFoundError: when a file is missing.
        ValueError: when a file is damaged or no such task of this package.
    """
    folder = pathlib.Path(folder)
    path = folder / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected a saved {name} in {folder}; received a folder without "
            f"{name}.json. Name the folder that {name}.save wrote."
        )
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        model, options = models.get(description["model"]), read(description)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"Expected {path} to describe a {name}; "
            f"received something else ({error}). Save it again with {name}.save."
        ) from error
    load_weights(model, folder / "model.safetensors")
    return model, [load_tokenizer(folder / side) for side in tokenizers], options
