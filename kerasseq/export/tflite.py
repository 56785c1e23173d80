"""A .tflite file with encoder, decoder step and the whole search inside."""

import tensorflow as tf

from kerasseq.export.lite_file import write_lite_file
from kerasseq.export.lite_program import convert
from kerasseq.text.vocabulary import END_ID, START_ID


def export_tflite(translator, path, quantize=None):
    """Writes one file of built-in operators and static shapes, batch 1.

    Signatures, with `S` = `max_source_length` and `T` = `max_length`, both in the metadata:

    - `translate`: `source` `(1, S)` int32 to `tokens` `(1, N, T)`, `lengths` and `scores`
      `(1, N)`, and, where the search returns it, `attention` `(1, N, T, S)`;
    - `encode`: `source` to the leaves of memory and of the first state, by name;
    - `decode_step`: `token` `(1,)`, `step` `()`, memory and state to `logits` `(1, V)`,
      the new state, and `attention` `(1, S)` of a model that attends.

    The tokenizers' files and `metadata.json` ride along as a zip archive at the end of the
    file, which TFLite readers pass over.

    Args:
        translator: Translator.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".
    """
    search = translator.search
    if translator.replace_unknown:
        search = search.changed(return_attention=True)
    program = convert(
        translator.model,
        tf.TensorSpec((1, translator.max_source_length), tf.int32, name="source"),
        lambda source: translator.decode_ids(source, search),
        translator.max_length,
        "translate",
        quantize,
    )
    metadata = {
        "max_source_length": translator.max_source_length,
        "max_length": translator.max_length,
        "start_id": START_ID,
        "end_id": END_ID,
        "quantize": quantize,
        "replace_unknown": translator.replace_unknown,
        "search": translator.search.get_config(),
    }
    tokenizers = {"source": translator.source, "target": translator.target}
    write_lite_file(path, program, metadata, tokenizers)
