"""Calling an exported SavedModel from Python."""

from __future__ import annotations

import itertools
import pathlib
import typing
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kerasseq.processing import find_processor
from kerasseq.processing.answering import Each, One, Said, warn_cut
from kerasseq.processing.distinct import NOTHING
from kerasseq.processing.forecasts import Series
from kerasseq.processing.images import Image
from kerasseq.processing.labels import Text
from kerasseq.processing.run_signature import run_signature

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
        n_best: int, of what writes: as many texts of each input, best first, all different;
            fewer where the search finds fewer.
        **beside: what may be given beside them, as a translator's `prefix`, `glossary` and
            `markup`.

    Returns:
        the text that is answered, or the numbers of a forecaster or text encoder, with `n_best` a
        list of str; a list for a list.
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
    def __call__(self, inputs: One, *, n_best: int) -> list[str]: ...

    @typing.overload
    def __call__(self, inputs: Iterable[Each], *, n_best: int) -> list[list[str]]: ...

    @typing.overload
    def __call__(self, inputs: One, **beside: typing.Any) -> Said: ...

    @typing.overload
    def __call__(self, inputs: Iterable[Each], **beside: typing.Any) -> list[Said]: ...

    def __call__(
        self, inputs: typing.Any, *, n_best: int | None = None, **beside: typing.Any
    ) -> typing.Any:
        one = self.kind.is_one(inputs)
        given = [inputs] if one else inputs
        if n_best is None:
            said = [each[0] for each in self.summaries(given, **beside)]
        else:
            said = list(self._n_best(self.kind.check(given, **beside), n_best))
        return said[0] if one else said

    def _n_best(self, inputs, count):
        """Yields the different texts of each of an iterable of inputs, at most `count`."""

        def n_best(name):
            if name != "serving_default" or "n_best" not in self.signatures:
                raise ValueError(
                    f"Expected an export of what writes, and nothing beside lines, for n_best; "
                    f"received {self.path} and n_best={count}. Leave one of them out."
                )
            return "n_best"

        for found, _ in self._batches(inputs, n_best):
            texts, scores = found[f"{self.kind.output}s"], found["scores"]
            if not 1 <= count <= scores.shape[1]:
                raise ValueError(
                    f"Expected n_best of 1 to {scores.shape[1]}, what {self.path} finds; received "
                    f"{count}. Export a task with a wider search."
                )
            for row, own in zip(texts, scores, strict=True):
                kept = max(1, int((own[:count] > NOTHING / 2).sum()))
                yield [text.decode("utf-8") for text in row[:kept]]

    def _batches(self, inputs, signature=lambda name: name):
        """Yields all that is answered to each batch of inputs, a dict of arrays, and the batch;
        warns of inputs that were cut.

        Args:
            inputs: iterable of inputs.
            signature: function from the name of a batch's signature to that of the one to ask.
        """
        inputs = iter(inputs)
        while chunk := list(itertools.islice(inputs, self.kind.window)):
            cut = []
            for start in range(0, len(chunk), BATCH):
                batch = chunk[start : start + BATCH]
                name, columns = self.kind.served_inputs(batch)
                found = self._answer(signature(name), columns)
                cut += found.get("truncated", np.zeros(len(batch), bool)).tolist()
                yield found, batch
            limit = "inputs of at most as many tokens as the SavedModel reads"
            warn_cut(chunk, cut, self.kind, limit)

    def summaries(
        self, inputs: Iterable[Each], **beside: typing.Any
    ) -> Iterator[tuple[typing.Any, float | None]]:
        """Yields, in order, what is answered to each of an iterable of inputs: pairs of text and
        score, of a task that answers arrays, of these and None."""
        for found, batch in self._batches(self.kind.check(inputs, **beside)):
            yield from self.kind.served(found, batch)

    def columns(self, inputs: Sequence[Each]) -> dict[str, np.ndarray]:
        """All that is answered to a list of inputs at once: a dict of arrays `(B, …)`, strings as
        bytes; a translator's are `translation`, `score`, `finished` and `truncated`."""
        return self._answer(*self.kind.served_inputs(list(self.kind.check(inputs))))

    def _answer(self, name, given):
        if name not in self.signatures:
            raise ValueError(
                f"Expected a SavedModel with the signature {name!r}; received {self.path}, "
                f"which has {', '.join(sorted(self.signatures))}. Export another translator: "
                "with a beam for a glossary, of a model that attends for markup."
            )
        return run_signature(self.signatures[name], given)


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
