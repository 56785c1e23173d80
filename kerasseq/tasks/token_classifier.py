"""The token classifier: a tag for every word."""

import numpy as np

from kerasseq.metrics import entity_scores
from kerasseq.tasks.label import Label
from kerasseq.tasks.labelling import Labelling
from kerasseq.text.vocabulary import UNK_ID


class TokenClassifier(Labelling):
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

    name = "tagger"

    def __call__(self, sentences):
        if sentences and isinstance(sentences[0], str):
            return self([sentences])[0]
        return self.tag(sentences)

    def tag(self, sentences, batch_size=64):
        """Tags a list of lists of words, `batch_size` sentences at once."""
        rows = self.probabilities(sentences, batch_size)
        return [self._tags(*pair) for pair in zip(sentences, rows, strict=True)]

    def tag_lines(self, lines):
        """Tags sentences of words joined with spaces.

        Yields:
            for each line a list of one Label: the tags joined with spaces, and their mean
            probability.
        """
        sentences = [line.split() for line in lines]
        for words, row in zip(sentences, self.probabilities(sentences), strict=True):
            score = float(row.max(axis=-1).mean()) if len(row) else 0.0
            yield [Label(" ".join(self._tags(words, row)), score)]

    def probabilities(self, sentences, batch_size=64):
        """A float32 array `(words, L)` for each list of words, at most `max_length` words."""
        ids = [self.ids(words[: self.max_length]) for words in sentences]
        rows = self.rows_of_ids([row or [UNK_ID] for row in ids], batch_size)
        return [row[: len(given)] for given, row in zip(ids, rows, strict=True)]

    def _tags(self, words, row):
        tags = [self.labels[n] for n in np.argmax(row, axis=-1)]
        return tags + ["O"] * (len(words) - len(tags))

    def ids(self, words):
        """One id for each word; a word that the vocabulary does not have, or that is cut into
        several tokens, is the unknown one."""
        rows = [self.tokenizer.encode(word) for word in words]
        return [row[0] if len(row) == 1 else UNK_ID for row in rows]

    def scores(self, corpus):
        """`kerasseq.metrics.entity_scores` of a TaggedText."""
        return entity_scores(corpus.sentences, self.tag(corpus.sentences), corpus.tags)

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
