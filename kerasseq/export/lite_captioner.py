"""Running an exported captioner without TensorFlow."""

import numpy as np

from kerasseq.export.lite_file import interpreter, read_lite_file


class LiteCaptioner:
    """Drives a `.tflite` captioner through `ai-edge-litert`; imports no TensorFlow, no Keras.

    Args:
        path: path of the file.
        num_threads: int.

    Call arguments:
        images: list of uint8 arrays `(H, W, 3)` of the model's size (`metadata["image_size"]`).

    Returns:
        list of captions and list of float scores.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without this package's metadata, or a picture of another shape.
        ImportError: without `ai-edge-litert`.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, (self.tokenizer,) = read_lite_file(path, ["tokenizer"])
        self.interpreter = interpreter(path, num_threads)
        self.caption_image = self.interpreter.get_signature_runner("caption")

    def __call__(self, images):
        texts, scores = [], []
        shape = (*self.metadata["image_size"], 3)
        for image in images:
            image = np.asarray(image)
            if image.shape != shape or image.dtype != np.uint8:
                raise ValueError(
                    f"Expected a uint8 picture of shape {shape}; received {image.dtype} of shape "
                    f"{image.shape}. Scale it first."
                )
            found = self.caption_image(source=image[None])
            texts.append(self.tokenizer.decode(found["tokens"][0, 0]))
            scores.append(float(found["scores"][0, 0]))
        return texts, scores
