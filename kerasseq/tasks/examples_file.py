"""The held-out lines of a translator that an earlier version saved."""

from __future__ import annotations

import typing

from kerasseq.untrusted import read_text

if typing.TYPE_CHECKING:
    import pathlib


def read_examples(path: pathlib.Path) -> list[str]:
    """The lines of a translator's `examples.txt`.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file that is not UTF-8, too large, or a link to elsewhere.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected held-out lines at {path}; received no such file. Copy or save the "
            "translator again."
        )
    return read_text(path, path.parent).replace("\r\n", "\n").split("\n")[:-1]
