"""The text classifier: a model, a tokenizer and the names of its labels."""

import itertools

import numpy as np
from keras import ops

from kerasseq.compiled import compiled
from kerasseq.tasks.label import Label
from kerasseq.tasks.padding import pad
from kerasseq.tasks.saved_task import load_task, save_task
from kerasseq.text.vocabulary import UNK_ID

WINDOW = 2048


class TextClassifier:
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

    def __init__(self, model, tokenizer, labels, max_length=256, examples=()):
        if model.num_labels != len(labels) or len(set(labels)) != len(labels):
            raise ValueError(
                f"Expected {model.num_labels} different labels, one a logit; received "
                f"{', '.join(labels)}. Give the list that the model was trained with."
            )
        self.model = model
        self.tokenizer = tokenizer
        self.labels = list(labels)
        self.max_length = max_length
        self.examples = list(examples)
        self._compiled = compiled(self.probabilities_of_ids, model)

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
            ids = [self.ids(text) for text in window]
            order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
            found = np.zeros((len(ids), len(self.labels)), "float32")
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                batch = self._compiled(pad([ids[i] for i in rows]))
                found[rows] = ops.convert_to_numpy(batch)[: len(rows)]
            yield from found

    def probabilities_of_ids(self, tokens):
        """Padded ids `(B, S)` to probabilities `(B, L)`."""
        return ops.softmax(self.model({"tokens": tokens}, training=False), axis=-1)

    def ids(self, text):
        """The ids of one text, at least one and at most `max_length`."""
        return self.tokenizer.encode(text)[: self.max_length] or [UNK_ID]

    def accuracy(self, corpus):
        """The share of texts whose likeliest label is right; `corpus` is a LabelledText."""
        found = self(list(corpus.texts()))
        return float(np.mean([a == b for a, b in zip(found, corpus.labels(), strict=True)]))

    def save(self, folder, dtype="float32"):
        """Writes `classifier.json`, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        options = {
            "labels": self.labels,
            "max_length": self.max_length,
            "examples": self.examples,
        }
        save_task(folder, "classifier", self.model, {"tokenizer": self.tokenizer}, options, dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no classifier of this package.
        """
        model, (tokenizer,), options = load_task(
            folder,
            "classifier",
            ["tokenizer"],
            lambda found: (
                list(found["labels"]),
                int(found["max_length"]),
                list(found["examples"]),
            ),
        )
        return cls(model, tokenizer, *options)

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
