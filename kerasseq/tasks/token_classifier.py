"""The token classifier: a tag for every word."""

import numpy as np
from keras import ops

from kerasseq.compiled import compiled
from kerasseq.metrics import entity_scores
from kerasseq.tasks.label import Label
from kerasseq.tasks.padding import pad
from kerasseq.tasks.saved_task import load_task, save_task
from kerasseq.text.vocabulary import UNK_ID


class TokenClassifier:
    """Tags words with a trained model.

    Args:
        model: SequenceTagger with a logit for each tag.
        tokenizer: WordTokenizer, which keeps words whole.
        labels: list of `L` str, the tags in the order of the logits.
        max_length: int, the most words tagged of a sentence; the rest is tagged "O".
        examples: list of str, held-out sentences of words joined with spaces, with which an
            export is checked.

    Call arguments:
        sentences: a list of words, or a list of such lists.

    Returns:
        a list of tags, or a list of such lists.

    Raises:
        ValueError: when the tags do not fit the model.
    """

    def __init__(self, model, tokenizer, labels, max_length=256, examples=()):
        if model.num_labels != len(labels) or len(set(labels)) != len(labels):
            raise ValueError(
                f"Expected {model.num_labels} different tags, one a logit; received "
                f"{', '.join(labels)}. Give the list that the model was trained with."
            )
        self.model = model
        self.tokenizer = tokenizer
        self.labels = list(labels)
        self.max_length = max_length
        self.examples = list(examples)
        self._compiled = compiled(self.probabilities_of_ids, model)

    def __call__(self, sentences):
        if sentences and isinstance(sentences[0], str):
            return self([sentences])[0]
        return self.tag(sentences)

    def tag(self, sentences, batch_size=64):
        """Tags a list of lists of words, `batch_size` sentences at once."""
        return [
            [self.labels[n] for n in np.argmax(rows, axis=-1)] + ["O"] * (len(words) - len(rows))
            for words, rows in zip(
                sentences, self.probabilities(sentences, batch_size), strict=True
            )
        ]

    def tag_lines(self, lines):
        """Tags sentences of words joined with spaces.

        Yields:
            for each line a list of one Label: the tags joined with spaces, and their mean
            probability.
        """
        sentences = [line.split() for line in lines]
        rows = self.probabilities(sentences)
        for tags, row in zip(self.tag(sentences), rows, strict=True):
            score = float(row.max(axis=-1).mean()) if len(row) else 0.0
            yield [Label(" ".join(tags), score)]

    def probabilities(self, sentences, batch_size=64):
        """A float32 array `(words, L)` for each list of words, at most `max_length` words."""
        ids = [self.ids(words[: self.max_length]) for words in sentences]
        order = sorted((i for i in range(len(ids)) if ids[i]), key=lambda i: len(ids[i]))
        found = [np.zeros((0, len(self.labels)), "float32")] * len(ids)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = ops.convert_to_numpy(self._compiled(pad([ids[i] for i in rows])))
            for row, i in enumerate(rows):
                found[i] = batch[row, : len(ids[i])]
        return found

    def probabilities_of_ids(self, tokens):
        """Padded ids `(B, S)` to probabilities `(B, S, L)`."""
        return ops.softmax(self.model({"tokens": tokens}, training=False), axis=-1)

    def ids(self, words):
        """One id for each word; a word that the vocabulary does not have, or that is cut into
        several tokens, is the unknown one."""
        rows = [self.tokenizer.encode(word) for word in words]
        return [row[0] if len(row) == 1 else UNK_ID for row in rows]

    def scores(self, corpus):
        """`kerasseq.metrics.entity_scores` of a TaggedText."""
        return entity_scores(corpus.sentences, self.tag(corpus.sentences), corpus.tags)

    def save(self, folder, dtype="float32"):
        """Writes `tagger.json`, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        options = {
            "labels": self.labels,
            "max_length": self.max_length,
            "examples": self.examples,
        }
        save_task(folder, "tagger", self.model, {"tokenizer": self.tokenizer}, options, dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no tagger of this package.
        """
        model, (tokenizer,), options = load_task(
            folder,
            "tagger",
            ["tokenizer"],
            lambda found: (
                list(found["labels"]),
                int(found["max_length"]),
                list(found["examples"]),
            ),
        )
        return cls(model, tokenizer, *options)

    def export(self, path, lines=None, quantize=None):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            lines: iterable of str, words joined with spaces, held out to check it with; by
                default `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        lines = list(self.examples if lines is None else lines)
        return export(self, path, self.tag_lines, lines, quantize)
