"""Writing a `.tflite` file: numbers in, numbers out, with tokenizers beside them."""

from __future__ import annotations

import tempfile
import typing
from collections.abc import Callable

import tensorflow as tf

from kerasseq.export.float32 import copy_of
from kerasseq.export.lite_file import write_lite_file
from kerasseq.export.tracing import traced
from kerasseq.layers import TokenEmbedding

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.files import AnyPath
    from kerasseq.processing.exportable import Exportable


def write_tflite(
    task: Exportable, path: AnyPath, quantize: typing.Literal["float16", "int8"] | None = None
) -> None:
    """Writes one file of built-in operators and static shapes, batch 1.

    Its signatures are `Task.programs`. The tokenizers' files and `metadata.json` ride along as a
    zip archive at the end of the file, which TFLite readers pass over: the kind of task, the
    settings of its processor, the symbols of a target, and what else the task is made of.

    Args:
        task: Task.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".
    """
    if quantize == "int8":
        task = with_rounded_rows(task)
    processor = task.processor
    metadata = {"task": processor.name} | processor.get_config() | processor.symbols
    metadata |= {"quantize": quantize} | task.options()
    program = convert(task.model, task.programs(), quantize)
    write_lite_file(path, program, metadata, processor.tokenizers)


def with_rounded_rows(task: Exportable) -> Exportable:
    """A copy whose embeddings have a scale for each row, as the converter gives one to each
    column of a matrix: to be looked up it has one for a whole table, which costs answers, and a
    tied table stands in the file twice."""
    task = copy_of(task)
    for layer in task.model._flatten_layers():
        if isinstance(layer, TokenEmbedding):
            layer.round_rows()
    return task


def convert(
    model: keras.Model,
    programs: dict[str, tuple[Callable[..., typing.Any], dict[str, keras.KerasTensor]]],
    quantize: typing.Literal["float16", "int8"] | None = None,
) -> bytes:
    """Converts functions of one model to built-in operators.

    Args:
        model: keras.Model, whose weights the functions read.
        programs: dict from names to pairs, a function and the keras.KerasTensor it takes.
        quantize: None, "float16" or "int8".

    Returns:
        bytes.
    """
    signatures = {}
    for name, (function, specs) in programs.items():
        given = {
            key: tf.TensorSpec(spec.shape, spec.dtype, name=key) for key, spec in specs.items()
        }
        signatures[name] = traced(model, function, **given)
    module = tf.Module()
    module.held = [variable.value for variable in model.variables]
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=list(signatures)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if quantize is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        return converter.convert()
