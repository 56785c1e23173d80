"""Reading the description of a saved task."""

import json
import pathlib


def read_description(folder, name, read):
    """Reads `{name}.json` in a folder that a task's `save` wrote.

    Args:
        folder: path.
        name: str, "translator" or "captioner".
        read: function from the file's dict to what is wanted of it.

    Returns:
        what `read` returns.

    Raises:
        FileNotFoundError: when the file is missing.
        ValueError: when the file is damaged or no description of such a task.
    """
    folder = pathlib.Path(folder)
    path = folder / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected a saved {name} in {folder}; received a folder without "
            f"{name}.json. Name the folder that {name}.save wrote."
        )
    try:
        return read(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"Expected {path} to describe a {name}; "
            f"received something else ({error}). Save it again with {name}.save."
        ) from error
