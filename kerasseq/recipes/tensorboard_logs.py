"""A run's curves for TensorBoard."""

from __future__ import annotations

import importlib.util
import pathlib
import typing

import keras

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath


def tensorboard_logs(run: AnyPath) -> keras.callbacks.TensorBoard:
    """Keras' callback that writes a run's curves into `RUN/tensorboard`.

    Args:
        run: path of the run folder.

    Returns:
        keras.callbacks.TensorBoard.

    Raises:
        ImportError: without the package `tensorboard`.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise ImportError(
            "Expected the package tensorboard, to write its logs with; it is not installed. "
            "Install it: pip install tensorboard."
        )
    return keras.callbacks.TensorBoard(pathlib.Path(run) / "tensorboard", write_graph=False)
