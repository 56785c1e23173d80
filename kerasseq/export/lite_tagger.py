"""Running an exported token classifier without TensorFlow."""

from kerasseq.export.lite_classifier import LiteClassifier
from kerasseq.text.vocabulary import UNK_ID


class LiteTagger(LiteClassifier):
    """Drives a `.tflite` tagger through `ai-edge-litert`; see `LiteClassifier`.

    Call arguments:
        lines: list of str, words joined with spaces; words past the file's length are "O".

    Returns:
        list of tags joined with spaces, and list of their mean probabilities.
    """

    def probabilities(self, words):
        """float32 array `(words, L)` of a list of words, in the order of the labels."""
        rows = [self.tokenizer.encode(word) for word in words[: self.metadata["max_length"]]]
        ids = [row[0] if len(row) == 1 else UNK_ID for row in rows]
        return self.probabilities_of_ids(ids)[: len(ids)]

    def __call__(self, lines):
        texts, scores = [], []
        for line in lines:
            words = line.split()
            rows = self.probabilities(words)
            tags = [self.metadata["labels"][n] for n in rows.argmax(axis=-1)]
            texts.append(" ".join(tags + ["O"] * (len(words) - len(tags))))
            scores.append(float(rows.max(axis=-1).mean()) if len(rows) else 0.0)
        return texts, scores
