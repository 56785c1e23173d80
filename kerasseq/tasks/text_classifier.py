"""The text classifier: a model, a tokenizer and the names of its labels."""

import itertools

import numpy as np

from kerasseq.tasks.label import Label
from kerasseq.tasks.labelling import Labelling
from kerasseq.text.vocabulary import UNK_ID

WINDOW = 2048


class TextClassifier(Labelling):
    """Labels text with a trained model.

    Args:
        model: SequenceClassifier with a logit for each label.
        tokenizer: Tokenizer.
        labels: list of `L` str, in the order of the logits.
        max_length: int, the most tokens read of a text; a longer one is cut.
        examples: list of str, held-out texts, with which an export is checked.

    Call arguments:
        texts: str, or a list of str.

    Returns:
        the likeliest label: a str for a str, a list for a list.

    Raises:
        ValueError: when the labels do not fit the model.
    """

    name = "classifier"

    def __call__(self, texts):
        if isinstance(texts, str | bytes):
            return next(self.classify([texts]))[0].text
        return [found[0].text for found in self.classify(texts)]

    def classify(self, texts, batch_size=64):
        """Labels texts and yields, in order, every Label of each text, likeliest first.

        Args:
            texts: iterable of str.
            batch_size: int, texts read at once.
        """
        for row in self.probabilities(texts, batch_size):
            order = np.argsort(-row, kind="stable")
            yield [Label(self.labels[i], float(row[i])) for i in order]

    def probabilities(self, texts, batch_size=64):
        """Yields a float32 array `(L,)` for each of an iterable of texts."""
        lines = iter(texts)
        while window := list(itertools.islice(lines, WINDOW)):
            yield from self.rows_of_ids([self.ids(text) for text in window], batch_size)

    def ids(self, text):
        """The ids of one text, at least one and at most `max_length`."""
        return self.tokenizer.encode(text)[: self.max_length] or [UNK_ID]

    def accuracy(self, corpus):
        """The share of texts whose likeliest label is right; `corpus` is a LabelledText."""
        found = self(list(corpus.texts()))
        return float(np.mean([a == b for a, b in zip(found, corpus.labels(), strict=True)]))

    def export(self, path, texts=None, quantize=None):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            texts: iterable of str, held out to check it with; by default `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        texts = list(self.examples if texts is None else texts)
        return export(self, path, self.classify, texts, quantize)
