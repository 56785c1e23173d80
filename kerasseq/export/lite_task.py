"""Running an exported `.tflite` file, without TensorFlow and without Keras."""

from __future__ import annotations

import threading
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from kerasseq.export.lite_file import interpreter, read_lite_file
from kerasseq.processing import Answering, find_processor
from kerasseq.processing.answering import Each, Found, One, Said
from kerasseq.processing.captions import Caption
from kerasseq.processing.forecasts import Forecast, Series
from kerasseq.processing.images import Image
from kerasseq.processing.labels import Label, Text
from kerasseq.processing.spans import Answer
from kerasseq.processing.tags import Tagging
from kerasseq.processing.translations import Translation
from kerasseq.processing.two_sides import TwoSides
from kerasseq.processing.vectors import Vector

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.processor import Processor


class LiteTask(Answering[One, Each, Said, Found]):
    """Drives a `.tflite` file through `ai-edge-litert`.

    It may be shared by threads: they take turns at the file's one interpreter.

    Args:
        path: path of the file.
        num_threads: int, of the interpreter.
        kind: subclass of Processor, that of the task that was exported; by default the one that
            the file names.

    Call arguments:
        inputs: one input, a list of inputs, or an iterator of them, as the task takes them; an
            image as an array of the model's size needs no TensorFlow.

    Returns:
        what the task says; `answers` yields it with scores.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, one without this package's metadata or of another task,
            or fewer threads than one.
        ImportError: without `ai-edge-litert`.
    """

    name = None
    metadata: dict[str, typing.Any]

    def __init__(
        self, path: AnyPath, num_threads: int = 1, *, kind: type[Processor] | None = None
    ) -> None:
        self.path = path
        self.metadata, tokenizers = read_lite_file(path)
        found = self.metadata.get("task", self.name)  # older files do not say
        if kind is None and self.name not in (None, found):
            raise ValueError(
                f"Expected the .tflite file of a {self.name}; received {path}, of a {found!s:.80}. "
                "Open it with the class of its task."
            )
        kind = kind or find_processor(found)
        try:
            sides = {side: tokenizers[side] for side in kind.sides}
            self.processor: Processor = kind(**sides, **kind.read_config(self.metadata))
        except Exception as error:  # whatever a value of another kind does
            raise ValueError(
                f"Expected the .tflite file of a {kind.name}; received {path}, which describes "
                f"none ({type(error).__name__}: {error!s:.200}). Export it again."
            ) from error
        self.interpreter: typing.Any = interpreter(path, num_threads)
        self.programs: dict[str, Callable[..., dict[str, np.ndarray]]] = {
            kind.program: self.interpreter.get_signature_runner(kind.program)
        }
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.path}, a {self.processor.name}>"

    def numbers(self, rows: list[typing.Any]) -> list[dict[str, np.ndarray]]:
        found = []
        for row in rows:
            with self._lock:
                program = self._program(self.processor.program_of(row))
                found.append(program(**self.processor.one(row)))
        return [{name: leaf[0] for name, leaf in each.items()} for each in found]

    def _program(self, name):
        """The function of a signature, opened when it is first asked for."""
        known = self.interpreter.get_signature_list()
        if name not in known:
            raise ValueError(
                f"Expected a .tflite file with the signature {name!r}; received {self.path}, "
                f"which has {', '.join(known)}. Export it again."
            )
        if name not in self.programs:
            self.programs[name] = self.interpreter.get_signature_runner(name)
        return self.programs[name]

    def answers(
        self, inputs: Iterable[Each], *, n_best: int | None = None, **options: typing.Any
    ) -> Iterator[list[Found]]:
        """Answers inputs, in order, with all that the file's search returns.

        Args:
            inputs: iterable of inputs.
            n_best: int, answers of each that are wanted.
            **options: as for `Answering.answers`.

        Raises:
            ValueError: for one input alone, what is no iterable, or more than the file returns.
        """
        if n_best is not None:
            runner: typing.Any = self.programs[self.processor.program]
            scores = runner.get_output_details().get("scores")
            held = 1 if scores is None else int(scores["shape"][-1])
            if not 1 <= n_best <= held:
                raise ValueError(
                    f"Expected n_best of 1 to {held}, what {self.path} returns; received "
                    f"{n_best}. Export a task whose search returns more, as Beam(8, n_best=4)."
                )
        return super().answers(inputs, **options)

    def summaries(self, inputs: Iterable[Each]) -> Iterator[tuple[typing.Any, float | None]]:
        """Yields, in order, what is answered to each of an iterable of inputs: pairs of text and
        score, of a task that answers arrays, of these and None."""
        return map(self.processor.summary, self.answers(inputs))


class LiteTranslator(TwoSides, LiteTask[str, str, str, Translation]):
    """A `.tflite` translator; see `LiteTask`. `source` and `target` are its tokenizers."""

    name = "translator"

    def source_ids(self, line: str) -> np.ndarray:
        """What the file reads of one line: int32 ids `(1, S)`, padded with 0."""
        return self.processor.one(*self.processor.rows(line))["source"]


class LiteCaptioner(LiteTask[Image, Image, str, Caption]):
    """A `.tflite` captioner; see `LiteTask`."""

    name = "captioner"


class LiteClassifier(LiteTask[Text, Text, str | list[str] | float, Label]):
    """A `.tflite` text classifier; see `LiteTask`."""

    name = "classifier"

    def probabilities(self, text: Text) -> np.ndarray:
        """float32 array `(L,)` of one text or pair, in the order of the labels."""
        ((_, _, (outputs,)),) = self.readings([text])
        return outputs["outputs"]


class LiteTagger(LiteTask[str, str | Sequence[str], list[str], Tagging]):
    """A `.tflite` tagger; see `LiteTask`."""

    name = "tagger"

    def probabilities(self, sentence: str | Sequence[str]) -> np.ndarray:
        """float32 array `(words, L)` of the words that were read of one sentence."""
        return next(self.answers([sentence]))[0].probabilities


class LiteQuestionAnswerer(LiteTask[tuple[str, str], tuple[str, str], str, Answer]):
    """A `.tflite` question answerer; see `LiteTask`."""

    name = "span_finder"


class LiteForecaster(LiteTask[Series, Series, np.ndarray, Forecast]):
    """A `.tflite` forecaster; see `LiteTask`."""

    name = "forecaster"


class LiteTextEncoder(LiteTask[str, str, np.ndarray, Vector]):
    """A `.tflite` text encoder; see `LiteTask`."""

    name = "text_encoder"
