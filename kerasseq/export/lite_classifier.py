"""Running an exported text classifier without TensorFlow."""

import numpy as np

from kerasseq.export.lite_file import interpreter, read_lite_file
from kerasseq.text.vocabulary import UNK_ID


class LiteClassifier:
    """Drives a `.tflite` classifier through `ai-edge-litert`; imports no TensorFlow, no Keras.

    Args:
        path: path of the file.
        num_threads: int.

    Call arguments:
        texts: list of str; one longer than the file reads is cut.

    Returns:
        list of labels and list of float probabilities.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without this package's metadata.
        ImportError: without `ai-edge-litert`.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, (self.tokenizer,) = read_lite_file(path, ["tokenizer"])
        self.interpreter = interpreter(path, num_threads)
        self.classify_ids = self.interpreter.get_signature_runner("classify")

    def probabilities(self, text):
        """float32 array `(L,)`, in the order of `metadata["labels"]`."""
        length = self.metadata["max_length"]
        ids = self.tokenizer.encode(text)[:length] or [UNK_ID]
        tokens = np.array([ids + [0] * (length - len(ids))], "int32")
        return self.classify_ids(tokens=tokens)["probabilities"][0]

    def __call__(self, texts):
        rows = [self.probabilities(text) for text in texts]
        labels = [self.metadata["labels"][int(row.argmax())] for row in rows]
        return labels, [float(row.max()) for row in rows]
