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

    def probabilities_of_ids(self, ids):
        """What the program answers to a list of ids."""
        filler = [0] * (self.metadata["max_length"] - len(ids))
        return self.classify_ids(tokens=np.array([ids + filler], "int32"))["probabilities"][0]

    def probabilities(self, text):
        """float32 array `(L,)`, in the order of `metadata["labels"]`."""
        ids = self.tokenizer.encode(text)[: self.metadata["max_length"]] or [UNK_ID]
        return self.probabilities_of_ids(ids)

    def __call__(self, texts):
        rows = [self.probabilities(text) for text in texts]
        labels = [self.metadata["labels"][int(row.argmax())] for row in rows]
        return labels, [float(row.max()) for row in rows]
