"""A captioner as a .tflite file: picture in, token ids out."""

import tensorflow as tf

from kerasseq.export.lite_file import write_lite_file
from kerasseq.export.lite_program import convert
from kerasseq.text.vocabulary import END_ID, START_ID


def export_captioner_tflite(captioner, path, quantize=None):
    """Writes one file of built-in operators and static shapes, batch 1.

    Signatures: `caption`, from `source`, a uint8 picture `(1, H, W, 3)`, to `tokens`
    `(1, N, T)`, `lengths` and `scores` `(1, N)`; `encode` and `decode_step` as
    `kerasseq.export.tflite` has them.

    Args:
        captioner: Captioner.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".
    """
    image_size = captioner.model.config["image_size"]
    program = convert(
        captioner.model,
        tf.TensorSpec((1, *image_size, 3), tf.uint8, name="source"),
        captioner.decode_images,
        captioner.max_length,
        "caption",
        quantize,
    )
    metadata = {
        "image_size": image_size,
        "max_length": captioner.max_length,
        "start_id": START_ID,
        "end_id": END_ID,
        "quantize": quantize,
        "search": captioner.search.get_config(),
    }
    write_lite_file(path, program, metadata, {"tokenizer": captioner.tokenizer})
