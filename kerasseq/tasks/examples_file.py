"""The held-out lines of a translator that an earlier version saved."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    import pathlib


def read_examples(path: pathlib.Path) -> list[str]:
    """The lines of a translator's `examples.txt`.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file that is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8").split("\n")[:-1]
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"Expected held-out lines at {path}; received no such file. Copy or save the "
            "translator again."
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected UTF-8 text at {path}; received damaged data ({error}). Copy or save the "
            "translator again."
        ) from error
