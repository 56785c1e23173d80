"""Writing a SavedModel: strings in, strings out."""

from __future__ import annotations

import typing

import tensorflow as tf

from kerasseq.export.tracing import traced

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.exportable import Exportable


def write_saved_model(task: Exportable, path: AnyPath, quantize: None = None) -> None:
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its signatures are those of the task's processor, `Processor.signatures`; the functions are
    written with the weights and the tables that they read.

    Args:
        task: Task.
        path: path of a folder that does not exist yet, `…/model_name/1` for TF Serving.
        quantize: None; a SavedModel keeps float32.
    """
    # Traced here, once: `keras.export.ExportArchive` traces for the weights and again to save.
    signatures = {
        name: traced(task.model, function, *specs)
        for name, (function, specs) in task.processor.signatures(task).items()
    }
    module = tf.Module()
    # TF Serving does not find the weights of a module that holds the Keras model itself.
    read = [variable for each in signatures.values() for variable in each.variables]
    module.weights = list({id(variable): variable for variable in read}.values())
    module.tokenizers = [each.graph for each in task.processor.tokenizers.values()]
    tf.saved_model.save(module, str(path), signatures=signatures)
