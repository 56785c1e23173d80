"""Running an exported token classifier without TensorFlow."""

import numpy as np

from kerasseq.export.lite_file import interpreter, read_lite_file
from kerasseq.text.vocabulary import UNK_ID


class LiteTagger:
    """Drives a `.tflite` tagger through `ai-edge-litert`; imports no TensorFlow, no Keras.

    Args:
        path: path of the file.
        num_threads: int.

    Call arguments:
        lines: list of str, words joined with spaces; words past the file's length are "O".

    Returns:
        list of tags joined with spaces, and list of their mean probabilities.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without this package's metadata.
        ImportError: without `ai-edge-litert`.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, (self.tokenizer,) = read_lite_file(path, ["tokenizer"])
        self.interpreter = interpreter(path, num_threads)
        self.tag_ids = self.interpreter.get_signature_runner("tag")

    def probabilities(self, words):
        """float32 array `(words, L)`, in the order of `metadata["tags"]`."""
        length = self.metadata["max_length"]
        rows = [self.tokenizer.encode(word) for word in words[:length]]
        ids = [row[0] if len(row) == 1 else UNK_ID for row in rows]
        tokens = np.array([ids + [0] * (length - len(ids))], "int32")
        return self.tag_ids(tokens=tokens)["probabilities"][0, : len(ids)]

    def __call__(self, lines):
        texts, scores = [], []
        for line in lines:
            words = line.split()
            rows = self.probabilities(words)
            tags = [self.metadata["tags"][n] for n in rows.argmax(axis=-1)]
            texts.append(" ".join(tags + ["O"] * (len(words) - len(tags))))
            scores.append(float(rows.max(axis=-1).mean()) if len(rows) else 0.0)
        return texts, scores
