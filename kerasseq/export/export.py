"""Exporting a translator, and holding the export against Python."""

import pathlib

import keras

from kerasseq.export.parity import compare, describe, require
from kerasseq.export.saved_model import SavedTranslator, export_saved_model
from kerasseq.export.tflite import export_tflite


def export(translator, path, lines=None, quantize=None):
    """Writes a SavedModel, or a `.tflite` file for a path that ends so, and checks it.

    The export translates held-out lines and is compared with Python line by line; the
    comparison is printed and returned.

    Args:
        translator: Translator, running under TensorFlow.
        path: path of a new folder, or of a `.tflite` file.
        lines: iterable of str, the held-out lines; by default `translator.examples`.
        quantize: for `.tflite`: None for float32, "float16", or "int8" (weights; activations
            are quantised while running).

    Returns:
        dict of `lines`, `identical` (share in `[0, 1]`) and `score_difference` (the largest
        among identical lines).

    Raises:
        ValueError: without lines, under another backend, for a path in use or an unknown
            `quantize`.
        RuntimeError: when the export's answers differ from Python's; the export is removed.
    """
    path = pathlib.Path(path)
    lines = list(translator.examples if lines is None else lines)
    if not lines:
        raise ValueError(
            "Expected held-out lines to check the export with; received none. Pass lines=[…], "
            "source sentences of your domain."
        )
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected the TensorFlow backend for an export; received "
            f"{keras.backend.backend()!r}. Save the translator, and load it with "
            "KERAS_BACKEND=tensorflow."
        )
    if path.suffix == ".tflite":
        from kerasseq.export.lite_translator import LiteTranslator

        export_tflite(translator, path, quantize)
        exported = LiteTranslator(path)
    elif quantize is None:
        export_saved_model(translator, path)
        exported = SavedTranslator(path)
    else:
        raise ValueError(
            f"Expected a path ending in .tflite to quantize to {quantize!r}; received {path}. "
            "A SavedModel keeps float32."
        )
    report = compare(translator, exported, lines)
    require(report, quantize, path)
    print(describe(report, path))
    return report
