"""Exporting a task, and holding the export against Python."""

from __future__ import annotations

import pathlib
import typing

import keras

from kerasseq.export.float32 import task_in_float32
from kerasseq.export.lite_task import LiteTask
from kerasseq.export.parity import compare, describe, require
from kerasseq.export.saved_model import write_saved_model
from kerasseq.export.saved_task import SavedTask
from kerasseq.export.staging import staged
from kerasseq.export.target import check_target
from kerasseq.export.tflite import write_tflite
from kerasseq.export.warm_up import write_warm_up

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.exportable import Exportable


class Format(typing.NamedTuple):
    """How one kind of export is written and run.

    Attributes:
        write: function of a task, a path and `quantize`, which writes it there.
        read: class that runs what was written, of the path and the kind of its processor.
    """

    write: typing.Callable[..., object]
    read: typing.Callable[..., typing.Any]


FORMATS = {"": Format(write_saved_model, SavedTask), ".tflite": Format(write_tflite, LiteTask)}


def export(
    task: Exportable,
    path: AnyPath,
    held_out: list[typing.Any],
    quantize: typing.Literal["float16", "int8"] | None = None,
) -> dict[str, typing.Any]:
    """Writes a SavedModel, or a `.tflite` file for a path that ends so, and checks it.

    The export answers held-out inputs and is compared with Python one by one; the
    comparison is printed and returned. Both compute in float32, whatever the model was
    trained in. The export is written beside the path and moved there once it has passed. A
    SavedModel carries a request of each signature, with which a server warms up.

    Args:
        task: Task, running under TensorFlow.
        path: path of a new folder, or of a `.tflite` file.
        held_out: list of inputs of the task.
        quantize: for `.tflite`: None for float32, "float16", or "int8" (weights; activations
            are quantised while running).

    Returns:
        dict, see `kerasseq.export.parity.compare`.

    Raises:
        ValueError: without held-out inputs, under another backend, for a path in use or with
            another ending, an unknown `quantize`, or weights that are not finite.
        RuntimeError: when the export's answers differ from Python's, or are not finite; the
            export is removed, and an earlier file at the path stays.
    """
    path = pathlib.Path(path)
    check_backend()
    chosen = FORMATS[check_target(path, quantize)]
    if not held_out:
        raise ValueError(
            "Expected held-out inputs to check the export with; received none. Pass lines, "
            "images or texts of your domain."
        )
    with staged(task.model, path) as beside:
        task = task_in_float32(task)
        chosen.write(task, beside, quantize)
        exported = chosen.read(beside, kind=type(task.processor))
        ours = map(task.processor.summary, task.answers(held_out))
        lines = task.processor.output == "translation"
        report = compare(held_out, list(ours), list(exported.summaries(held_out)), lines)
        require(report, quantize, path)
        if isinstance(exported, SavedTask):
            write_warm_up(exported, held_out)
    print(describe(report, path))
    return report


def check_backend() -> None:
    """Refuses an export under another backend than TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected the TensorFlow backend for an export; received "
            f"{keras.backend.backend()!r}. Save it, and load it with KERAS_BACKEND=tensorflow."
        )
