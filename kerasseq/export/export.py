"""Exporting a task, and holding the export against Python."""

import dataclasses
import pathlib
import typing

from kerasseq.export.captioner_tflite import export_captioner_tflite
from kerasseq.export.float32 import task_in_float32
from kerasseq.export.labelling_tflite import export_labelling_tflite
from kerasseq.export.lite_captioner import LiteCaptioner
from kerasseq.export.lite_classifier import LiteClassifier
from kerasseq.export.lite_span_finder import LiteSpanFinder
from kerasseq.export.lite_tagger import LiteTagger
from kerasseq.export.lite_translator import LiteTranslator
from kerasseq.export.parity import compare, describe, require
from kerasseq.export.proven import proven
from kerasseq.export.saved_captioner import SavedCaptioner, export_saved_captioner
from kerasseq.export.saved_classifier import SavedClassifier, export_saved_classifier
from kerasseq.export.saved_model import SavedTranslator, export_saved_model
from kerasseq.export.saved_span_finder import SavedSpanFinder, export_saved_span_finder
from kerasseq.export.saved_tagger import SavedTagger, export_saved_tagger
from kerasseq.export.tflite import export_tflite


@dataclasses.dataclass(frozen=True)
class Exporters:
    """How one kind of task answers in Python, leaves it, and how each export is run."""

    answer: str
    write_saved_model: typing.Callable
    read_saved_model: typing.Callable
    write_tflite: typing.Callable
    read_tflite: typing.Callable


EXPORTERS = {
    "Translator": Exporters(
        "translate", export_saved_model, SavedTranslator, export_tflite, LiteTranslator
    ),
    "Captioner": Exporters(
        "caption", export_saved_captioner, SavedCaptioner, export_captioner_tflite, LiteCaptioner
    ),
    "TextClassifier": Exporters(
        "answers", export_saved_classifier, SavedClassifier, export_labelling_tflite, LiteClassifier
    ),
    "TokenClassifier": Exporters(
        "tag_lines", export_saved_tagger, SavedTagger, export_labelling_tflite, LiteTagger
    ),
    "SpanFinder": Exporters(
        "answers",
        export_saved_span_finder,
        SavedSpanFinder,
        export_labelling_tflite,
        LiteSpanFinder,
    ),
}


def export(task, path, held_out, quantize=None):
    """Writes a SavedModel, or a `.tflite` file for a path that ends so, and checks it.

    The export answers held-out inputs and is compared with Python one by one; the
    comparison is printed and returned. Both compute in float32, whatever the model was
    trained in. The export is written beside the path and moved there once it has passed.

    Args:
        task: Translator, Captioner, TextClassifier, TokenClassifier or SpanFinder, running
            under TensorFlow.
        path: path of a new folder, or of a `.tflite` file.
        held_out: list of what the exported file takes: str, or pictures as bytes (SavedModel)
            or arrays (`.tflite`).
        quantize: for `.tflite`: None for float32, "float16", or "int8" (weights; activations
            are quantised while running).

    Returns:
        dict of `inputs`, `identical` (share in `[0, 1]`) and `score_difference` (the largest
        among identical answers).

    Raises:
        ValueError: without held-out inputs, under another backend, for a path in use, an
            unknown `quantize`, or weights that are not finite.
        RuntimeError: when the export's answers differ from Python's, or a score is not finite;
            the export is removed, and an earlier file at the path stays.
    """
    if not held_out:
        raise ValueError(
            "Expected held-out inputs to check the export with; received none. Pass lines, "
            "images or texts of your domain."
        )
    exporters = EXPORTERS[type(task).__name__]
    with proven(task.model, path, quantize) as beside:
        task = task_in_float32(task)
        if pathlib.Path(path).suffix == ".tflite":
            exporters.write_tflite(task, beside, quantize)
            exported = exporters.read_tflite(beside)
        else:
            exporters.write_saved_model(task, beside)
            exported = exporters.read_saved_model(beside)
        report = compare(getattr(task, exporters.answer), exported, held_out)
        require(report, quantize, path)
    print(describe(report, path))
    return report
