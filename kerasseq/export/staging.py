"""An export takes its place once it has answered as Python does."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterator

import keras
import numpy as np

from kerasseq.files import sync, sync_tree


@contextlib.contextmanager
def staged(model: keras.Model, path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A place beside the path, where an export is written and checked.

    What was written there when the block ends is moved to the path. When the block fails it is
    removed, and what was at the path before stays.

    Args:
        model: keras.Model that is exported.
        path: pathlib.Path of a new folder, or of a file.

    Yields:
        pathlib.Path, a name that TF Serving does not read as a version.

    Raises:
        ValueError: for weights that are not finite.
    """
    for weight in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            raise ValueError(
                f"Expected finite weights to export; received NaN or infinity in {weight.path}. "
                "Load an earlier checkpoint."
            )
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(beside)
    try:
        yield beside
        if beside.is_dir():
            sync_tree(beside)
        else:
            sync(beside)
        os.replace(beside, path)
    finally:
        _remove(beside)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
