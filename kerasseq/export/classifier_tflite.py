"""A text or token classifier as a .tflite file: token ids in, probabilities out."""

import tensorflow as tf

from kerasseq.export.lite_file import write_lite_file
from kerasseq.export.lite_program import convert_signatures
from kerasseq.export.saved_export import use_portable_kernels

LONGEST = 128


def export_classifier_tflite(classifier, path, quantize=None):
    """Writes one file of built-in operators and static shapes, batch 1.

    Its one signature, `classify`, takes `tokens` `(1, S)` int32, padded with 0, to
    `probabilities`: `(1, L)` of a TextClassifier, `(1, S, L)` of a TokenClassifier. `S` and
    the labels are in the metadata.

    Args:
        classifier: TextClassifier or TokenClassifier.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".

    Raises:
        ValueError: for another `quantize`.
    """
    use_portable_kernels(classifier.model)
    length = min(classifier.max_length, LONGEST)

    def classify(tokens):
        return {"probabilities": classifier.probabilities_of_ids(tokens)}

    spec = tf.TensorSpec((1, length), tf.int32, name="tokens")
    signatures = {"classify": tf.function(classify).get_concrete_function(spec)}
    program = convert_signatures(classifier.model, signatures, quantize)
    metadata = {"max_length": length, "labels": classifier.labels, "quantize": quantize}
    write_lite_file(path, program, metadata, {"tokenizer": classifier.tokenizer})
