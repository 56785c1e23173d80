"""A token classifier as a .tflite file: word ids in, probabilities out."""

import tensorflow as tf

from kerasseq.export.lite_file import write_lite_file
from kerasseq.export.lite_program import convert_signatures
from kerasseq.export.saved_model import use_portable_kernels

LONGEST = 128


def export_tagger_tflite(tagger, path, quantize=None):
    """Writes one file of built-in operators and static shapes, batch 1.

    Its one signature, `tag`, takes `tokens` `(1, S)` int32, one a word, padded with 0, to
    `probabilities` `(1, S, L)`; `S` and the tags are in the metadata.

    Args:
        tagger: TokenClassifier.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".

    Raises:
        ValueError: for another `quantize`.
    """
    use_portable_kernels(tagger.model)
    length = min(tagger.max_length, LONGEST)

    def tag(tokens):
        return {"probabilities": tagger.probabilities_of_ids(tokens)}

    spec = tf.TensorSpec((1, length), tf.int32, name="tokens")
    signatures = {"tag": tf.function(tag).get_concrete_function(spec)}
    program = convert_signatures(tagger.model, signatures, quantize)
    metadata = {"max_length": length, "tags": tagger.tags, "quantize": quantize}
    write_lite_file(path, program, metadata, {"tokenizer": tagger.tokenizer})
