"""An exported translator as Apache Beam calls it."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Sequence

from apache_beam.ml.inference.base import ModelHandler, PredictionResult

from kerasseq.bulk.work_folder import Answer, Part
from kerasseq.export.saved_task import SavedTranslator
from kerasseq.processing.padding import by_size

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

TRUNCATED = "Longer than the translator reads: its end was not translated."
UNFINISHED = "The translation was not finished at its greatest length."


class TranslatorHandler(ModelHandler):
    """A Beam ModelHandler of a SavedModel, for `RunInference`.

    Its elements are parts of texts, which are translated in batches of like lengths. What a batch
    is follows from the part alone: the answers are the same to the byte, whichever worker gives
    them, and however often. (Beam's own `batch_length_fn` makes batches of what comes within a
    time.) A text on which the translator fails is answered by the reason, the others of its batch
    by themselves.

    Args:
        export: path of a SavedModel that a translator was exported to.
        together: int, texts of a batch.
    """

    def __init__(self, export: AnyPath, together: int = 64) -> None:
        super().__init__(min_batch_size=1, max_batch_size=1)
        self.export = str(export)
        self.together = together

    def load_model(self) -> SavedTranslator:
        return SavedTranslator(self.export)

    def run_inference(
        self,
        batch: Sequence[Part],
        model: SavedTranslator,
        inference_args: dict[str, typing.Any] | None = None,
    ) -> Iterable[PredictionResult]:
        for part in batch:
            yield PredictionResult(part, answer(model, part.texts, self.together))

    def get_metrics_namespace(self) -> str:
        return "kerasseq"


def answer(model: SavedTranslator, texts: Sequence[str], together: int) -> list[Answer]:
    """What a translator says of texts, or why it says nothing: a list of Answer."""
    found: list[Answer] = [Answer(None)] * len(texts)
    for places in by_size(map(len, texts), together):
        given = [texts[place] for place in places]
        for place, said in zip(places, _of_batch(model, given), strict=True):
            found[place] = said
    return found


def _of_batch(model, texts) -> Iterator[Answer]:
    """Yields an Answer to each of a batch of texts; of one that fails, to each by itself."""
    try:
        found = model.columns(texts)
    except Exception as error:  # whatever one text makes of it
        if len(texts) == 1:
            yield Answer(None, f"{type(error).__name__}: {' '.join(str(error).split()):.300}")
        else:
            for each in texts:
                yield from _of_batch(model, [each])
        return
    finished, truncated = found["finished"], found["truncated"]
    for row, text in enumerate(found["translation"]):
        reason = TRUNCATED if truncated[row] else None if finished[row] else UNFINISHED
        yield Answer(text.decode("utf-8"), reason)
