"""What an export, and a processor's graph half, need of a task."""

from __future__ import annotations

import typing
from collections.abc import Callable

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.processor import Processor


class Exportable(typing.Protocol):
    """A task, seen from the floors below it; see `kerasseq.tasks.Task`.

    Attributes:
        model: keras.Model.
        processor: Processor.
    """

    model: typing.Any
    processor: Processor

    def outputs(self, inputs: dict[str, typing.Any]) -> dict[str, typing.Any]:
        """What the processor reads of the model's answer."""
        ...

    def programs(self) -> dict[str, tuple[Callable[..., typing.Any], dict[str, typing.Any]]]:
        """The functions of numbers that a `.tflite` file runs."""
        ...

    def options(self) -> dict[str, typing.Any]:
        """What else the task is made of."""
        ...

    def save(self, folder: AnyPath) -> None:
        """Writes the task into a folder."""
        ...
