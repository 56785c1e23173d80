"""A run's curves for TensorBoard."""

from __future__ import annotations

import pathlib
import typing

import keras

from kerasseq.extras import check_extra

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
    check_extra("tensorboard")
    return keras.callbacks.TensorBoard(pathlib.Path(run) / "tensorboard", write_graph=False)
