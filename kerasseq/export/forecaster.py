"""A forecaster as a SavedModel or a .tflite file: numbers in, numbers out."""

import pathlib

import keras
import numpy as np
import tensorflow as tf

from kerasseq.export.float32 import model_in_float32
from kerasseq.export.lite_file import interpreter, write_lite_file
from kerasseq.export.lite_program import convert_signatures
from kerasseq.export.proven import proven
from kerasseq.export.saved_export import write_saved_model
from kerasseq.export.tracing import traced

# The largest difference that is no fault, relative to the spread of the forecasts.
TOLERANCE = {None: 1e-3, "float16": 1e-2, "int8": 0.2}


def export_forecaster(model, path, source, last, horizon, quantize=None):
    """Writes a SavedModel, or a `.tflite` file for a path that ends so, and checks it.

    Its one signature, `serving_default` (`forecast` in a `.tflite` file, batch 1), takes
    `source` `(B, S, D)` and `last` `(B, V)` to `values` `(B, T, V)`; see
    `Forecaster.forecast`. The export forecasts the held-out series and is compared with
    Python; the comparison is printed and returned. Both compute in float32, whatever the model
    was trained in. The export is written beside the path and moved there once it has passed.

    Args:
        model: Forecaster, running under TensorFlow.
        path: path of a new folder, or of a `.tflite` file.
        source: float32 array `(N, S, D)`, held-out series; `S` is the file's length.
        last: float32 array `(N, V)`, the last known values of each.
        horizon: int `T`, steps to forecast.
        quantize: for `.tflite`: None, "float16" or "int8".

    Returns:
        dict of `inputs`, and `difference`, the largest of a value, relative to the standard
        deviation of Python's forecasts.

    Raises:
        ValueError: under another backend, for a path in use, an unknown `quantize`, one with
            a SavedModel, or for weights that are not finite.
        RuntimeError: when the export's values differ from Python's, or are not finite; the
            export is removed, and an earlier file at the path stays.
    """
    with proven(model, path, quantize) as beside:
        model = model_in_float32(model)
        if pathlib.Path(path).suffix == ".tflite":
            found = _through_tflite(model, beside, source, last, horizon, quantize)
        else:
            found = _through_saved_model(model, beside, source, last, horizon)
        ours = keras.ops.convert_to_numpy(model.forecast(source, last, horizon))
        difference = float(np.abs(found - ours).max() / max(ours.std(), 1e-9))
        # Written so that NaN is refused too.
        if not difference <= TOLERANCE[quantize]:
            raise RuntimeError(
                f"Expected {path} to forecast as Python does, within {TOLERANCE[quantize]} "
                f"standard deviations; received {difference:.2g} apart. The export was removed."
            )
    print(f"{path}: {len(ours)} forecasts within {difference:.1e} standard deviations of Python's")
    return {"inputs": len(ours), "difference": difference}


def _forecast(model, horizon, batch, source, last):
    """The function of the one signature, and the tf.TensorSpecs of its arguments."""
    specs = [
        tf.TensorSpec((batch, *source.shape[1:]), tf.float32, name="source"),
        tf.TensorSpec((batch, last.shape[1]), tf.float32, name="last"),
    ]

    def forecast(source, last):
        return {"values": model.forecast(source, last, horizon)}

    return forecast, specs


def _through_saved_model(model, path, source, last, horizon):
    """Writes a SavedModel, and returns what it forecasts."""
    signatures = {"serving_default": _forecast(model, horizon, None, source, last)}
    write_saved_model(path, model, [], signatures)
    run = tf.saved_model.load(str(path)).signatures["serving_default"]
    return run(source=tf.constant(source), last=tf.constant(last))["values"].numpy()


def _through_tflite(model, path, source, last, horizon, quantize):
    """Writes a `.tflite` file, and returns what it forecasts."""
    forecast, specs = _forecast(model, horizon, 1, source, last)
    program = convert_signatures(model, {"forecast": traced(model, forecast, *specs)}, quantize)
    metadata = {"length": source.shape[1], "horizon": horizon, "quantize": quantize}
    write_lite_file(path, program, metadata, {})
    run = interpreter(path, 1).get_signature_runner("forecast")
    rows = zip(source, last, strict=True)
    return np.concatenate([run(source=s[None], last=v[None])["values"] for s, v in rows])
