"""Calling an exported SavedModel from Python."""

from __future__ import annotations

import itertools
import pathlib
import typing
from collections.abc import Iterable, Iterator

import numpy as np
import tensorflow as tf

from kerasseq.processing import find_processor
from kerasseq.processing.answering import Each, One, Said
from kerasseq.processing.forecasts import Series
from kerasseq.processing.images import Image
from kerasseq.processing.labels import Text

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.processor import Processor

BATCH = 64


class SavedTask(typing.Generic[One, Each, Said]):
    """An exported SavedModel.

    Threads may share it, and are answered side by side.

    Args:
        path: path of the folder.
        kind: subclass of Processor, that of the task that was exported.

    Raises:
        FileNotFoundError: for a path without a SavedModel.
        ValueError: for the SavedModel of another task, or in a tf.distribute strategy's scope.

    Call arguments:
        inputs: one input, or a list of inputs, as the task takes them.

    Returns:
        the text that is answered, or the numbers of a forecaster or text encoder; a list for a
        list.
    """

    name = None

    def __init__(self, path: AnyPath, kind: type[Processor] | None = None) -> None:
        import tensorflow_text  # noqa: F401  registers the SentencePiece operations

        self.path = path
        self.kind: type[Processor] = kind or find_processor(self.name)
        if not pathlib.Path(path, "saved_model.pb").is_file():
            raise FileNotFoundError(
                f"Expected a SavedModel in {path}; received no saved_model.pb there. Name the "
                "folder of one version."
            )
        if tf.distribute.has_strategy():
            raise ValueError(
                "Expected to open a SavedModel, as every export does to check it, outside of the "
                "scope of a tf.distribute strategy; received a call inside of one. Leave the scope "
                "first: the model is the same there."
            )
        self.loaded: typing.Any = tf.saved_model.load(str(path))
        self.signatures: typing.Any = self.loaded.signatures
        found = self.signatures.get("serving_default")
        answers = sorted(found.structured_outputs) if found else []
        if self.kind.output not in answers:
            raise ValueError(
                f"Expected the SavedModel of a {self.kind.name}, which answers "
                f"{self.kind.output!r}; received {path}, which answers "
                f"{', '.join(answers) or 'nothing'}. Open it with the class of its task."
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.path}, a {self.kind.name}>"

    @typing.overload
    def __call__(self, inputs: One) -> Said: ...

    @typing.overload
    def __call__(self, inputs: Iterable[Each]) -> list[Said]: ...

    def __call__(self, inputs: typing.Any) -> typing.Any:
        one = self.kind.is_one(inputs)
        said = [each[0] for each in self.summaries([inputs] if one else inputs)]
        return said[0] if one else said

    def summaries(self, inputs: Iterable[Each]) -> Iterator[tuple[typing.Any, float | None]]:
        """Yields, in order, what is answered to each of an iterable of inputs: pairs of text and
        score, of a task that answers arrays, of these and None."""
        inputs = iter(self.kind.check(inputs))
        while batch := list(itertools.islice(inputs, BATCH)):
            name, columns = self.kind.served_inputs(batch)
            given = {key: tf.constant(column) for key, column in columns.items()}
            found = self.signatures[name](**given)
            yield from self.kind.served({key: value.numpy() for key, value in found.items()})


class SavedTranslator(SavedTask[str, str, str]):
    """An exported translator; called with str."""

    name = "translator"


class SavedCaptioner(SavedTask[Image, Image, str]):
    """An exported captioner; called with bytes of image files, or their paths."""

    name = "captioner"


class SavedClassifier(SavedTask[Text, Text, str]):
    """An exported text classifier; called with str or pairs of str, all of a list alike."""

    name = "classifier"


class SavedTagger(SavedTask[str, str, str]):
    """An exported tagger; called with str, sentences. It answers tags joined with spaces."""

    name = "tagger"


class SavedQuestionAnswerer(SavedTask[tuple[str, str], tuple[str, str], str]):
    """An exported question answerer; called with pairs of str, question and context."""

    name = "span_finder"


class SavedForecaster(SavedTask[Series, Series, np.ndarray]):
    """An exported forecaster; called with pairs of a series and its last values."""

    name = "forecaster"


class SavedTextEncoder(SavedTask[str, str, np.ndarray]):
    """An exported text encoder; called with str."""

    name = "text_encoder"
