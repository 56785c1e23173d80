"""A classifier, tagger or span finder as a .tflite file: token ids in, the answer's numbers out."""

import tensorflow as tf

from kerasseq.export.lite_file import write_lite_file
from kerasseq.export.lite_program import convert_signatures
from kerasseq.export.tracing import traced


def export_labelling_tflite(task, path, quantize=None):
    """Writes one file of built-in operators and static shapes, batch 1.

    Its one signature, `read`, takes `tokens` `(1, S)` int32, padded with 0, to `outputs`: the
    probabilities `(1, L)` of a TextClassifier or `(1, S, L)` of a TokenClassifier, or the best
    span `(1, 3)` of a SpanFinder. `S` and what else the task is made of are in the metadata.

    Args:
        task: TextClassifier, TokenClassifier or SpanFinder.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".
    """

    def read(tokens):
        return {"outputs": task.outputs_of_ids(tokens)}

    spec = tf.TensorSpec((1, task.max_length), tf.int32, name="tokens")
    program = convert_signatures(task.model, {"read": traced(task.model, read, spec)}, quantize)
    metadata = {"task": task.name} | task.options() | {"quantize": quantize}
    del metadata["examples"]
    write_lite_file(path, program, metadata, {"tokenizer": task.tokenizer})
