"""Writing a SavedModel: strings in, strings out."""

from __future__ import annotations

import typing
from collections.abc import Callable

import tensorflow as tf

from kerasseq.export.tracing import traced

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.exportable import Exportable


def write_saved_model(task: Exportable, path: AnyPath, quantize: None = None) -> None:
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its signatures are those of the task's processor, `Processor.signatures`; the functions are
    written with the weights and the tables that they read. Of an empty batch each answers an
    empty one.

    Args:
        task: Task.
        path: path of a folder that does not exist yet, `…/model_name/1` for TF Serving.
        quantize: None; a SavedModel keeps float32.
    """
    # Traced here, once: `keras.export.ExportArchive` traces for the weights and again to save.
    signatures = {
        name: traced(task.model, of_any_size(function, task.processor.blank), *specs)
        for name, (function, specs) in task.processor.signatures(task).items()
    }
    module = tf.Module()
    # TF Serving does not find the weights of a module that holds the Keras model itself.
    read = [variable for each in signatures.values() for variable in each.variables]
    module.weights = list({id(variable): variable for variable in read}.values())
    module.tokenizers = [each.graph for each in task.processor.tokenizers.values()]
    tf.saved_model.save(module, str(path), signatures=signatures)


def of_any_size(
    function: Callable[..., dict[str, tf.Tensor]], blank: bytes
) -> Callable[..., dict[str, tf.Tensor]]:
    """A function of batches for empty ones too, of which layers and searches make no sense.

    In place of no row it reads one of `blank` strings and of zeros, and answers none of it.

    Args:
        function: function of tensors `(B, …)` to a dict of tensors `(B, …)`.
        blank: bytes, a string that the function can read.
    """

    def either(*batch: tf.Tensor) -> dict[str, tf.Tensor]:
        count = tf.shape(batch[0])[0]
        added = tf.cast(count == 0, tf.int32)
        filled = []
        for each in batch:
            nothing = tf.constant(blank) if each.dtype == tf.string else tf.zeros((), each.dtype)
            rows = tf.fill(tf.concat([[added], tf.shape(each)[1:]], axis=0), nothing)
            filled.append(tf.concat([each, rows], axis=0))
        return {name: found[:count] for name, found in function(*filled).items()}

    return either
