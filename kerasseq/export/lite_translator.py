"""Running an exported .tflite file without TensorFlow."""

import warnings

import numpy as np

from kerasseq.export.lite_file import interpreter, read_lite_file
from kerasseq.text.aligned_words import aligned_words
from kerasseq.text.vocabulary import END_ID


class LiteTranslator:
    """Drives a `.tflite` export through `ai-edge-litert`; imports neither TensorFlow nor Keras.

    Args:
        path: path of the file.
        num_threads: int.

    Call arguments:
        lines: list of str; one longer than the file reads is cut, with a warning.

    Returns:
        list of translations and list of float scores.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without this package's metadata.
        ImportError: without `ai-edge-litert`.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, (self.source, self.target) = read_lite_file(path, ["source", "target"])
        self.interpreter = interpreter(path, num_threads)
        self.translate_ids = self.interpreter.get_signature_runner("translate")

    def source_ids(self, line):
        """One line to padded int32 ids `(1, S)`; a line too long for the file is cut."""
        length = self.metadata["max_source_length"]
        found = self.source.encode(line)
        if len(found) >= length:
            warnings.warn(
                f"Expected a line of at most {length - 1} tokens; received {len(found)} and cut "
                f"them: {line[:60]!r}. Export with a larger longest_source, or split the line.",
                stacklevel=2,
            )
        ids = [*found[: length - 1], END_ID]
        return np.array([ids + [0] * (length - len(ids))], "int32")

    def __call__(self, lines):
        texts, scores = [], []
        for line in lines:
            ids = self.source_ids(line)
            found = self.translate_ids(source=ids)
            unknown = None
            if self.metadata["replace_unknown"]:
                words = self.source.tokens(line)[: self.metadata["max_source_length"] - 1]
                unknown = aligned_words(words, found["attention"][0, 0])
            empty = ids[0, 0] == END_ID
            texts.append("" if empty else self.target.decode(found["tokens"][0, 0], unknown))
            scores.append(float(found["scores"][0, 0]))
        return texts, scores
