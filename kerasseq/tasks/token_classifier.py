"""The token classifier: a tag for every word."""

import numpy as np
from keras import ops

from kerasseq.metrics import entity_scores
from kerasseq.models.sequence_tagger import SequenceTagger
from kerasseq.tasks.hugging_face import HuggingFaceFolder
from kerasseq.tasks.label import Label
from kerasseq.tasks.labelling import Labelling, check_labels, label_list
from kerasseq.text.checks import check_lines
from kerasseq.text.packing import row_of_words
from kerasseq.text.words import split_words


class TokenClassifier(Labelling):
    """Tags words with a trained model. A word's tag is read at its first token.

    Args:
        model: SequenceTagger with a logit for each tag.
        tokenizer: Tokenizer.
        labels: list of `L` str, the tags in the order of the logits.
        max_length: int, the most tokens read of a sentence; words after them are tagged "O".
        examples: list of str, held-out sentences, with which an export is checked.

    Call arguments:
        sentences: str, one sentence, which is cut into words at white space; or a list of
            sentences, each a str or a list of words.

    Returns:
        for each sentence a list of tags, one a word. A list of such lists for a list.

    Raises:
        ValueError: when the tags do not fit the model.
    """

    name = "tagger"
    head, corpus = SequenceTagger, "TaggedText"

    def __init__(self, model, tokenizer, labels, max_length=256, examples=()):
        super().__init__(model, tokenizer, max_length, examples)
        self.labels = check_labels(labels, model.num_labels)

    @classmethod
    def from_hugging_face(cls, path, labels=None, max_length=128, dtype=None):
        """A tagger on a BERT or DistilBERT of Hugging Face's layout.

        A head that the folder holds is taken over with its labels; otherwise the last layer
        is new and wants `fit`.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            labels: list of str; required for a new head.
            max_length: int, the most tokens read.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for another model, a missing tensor, or a new head without labels.
        """
        folder = HuggingFaceFolder(path)
        tokenizer = folder.tokenizer()
        names = folder.labels("classifier") if labels is None else label_list(labels)
        encoder = folder.encoder(tokenizer, dtype)
        model = SequenceTagger(encoder, len(names), dropout=0.1, dtype=dtype)
        if labels is None:
            folder.assign_dense(model.output_dense, "classifier")
        return cls(model, tokenizer, names, max_length)

    def __call__(self, sentences):
        if isinstance(sentences, str | bytes):
            return self([sentences])[0]
        return self.tag(sentences)

    def tag(self, sentences, batch_size=64):
        """Tags a list of sentences, each a str or a list of words, `batch_size` at once."""
        check_lines(sentences)
        sentences = [words_of(sentence) for sentence in sentences]
        rows = self.probabilities(sentences, batch_size)
        return [self._tags(*pair) for pair in zip(sentences, rows, strict=True)]

    def tag_lines(self, lines):
        """Tags sentences, each a str.

        Yields:
            for each a list of one Label: the tags joined with spaces, and their mean
            probability.
        """
        check_lines(lines)
        sentences = [words_of(line) for line in lines]
        for words, row in zip(sentences, self.probabilities(sentences), strict=True):
            score = float(row.max(axis=-1).mean()) if len(row) else 0.0
            yield [Label(" ".join(self._tags(words, row)), score)]

    def probabilities(self, sentences, batch_size=64):
        """A float32 array `(words, L)` for each sentence, of the words that were read."""
        check_lines(sentences)
        pairs = [self.ids(sentence) for sentence in sentences]
        rows = self.rows_of_ids([ids for ids, _ in pairs], batch_size)
        return [row[places] for (_, places), row in zip(pairs, rows, strict=True)]

    def outputs_of_ids(self, tokens):
        return ops.softmax(self.model({"tokens": tokens}, training=False), axis=-1)

    def _tags(self, words, row):
        tags = [self.labels[n] for n in np.argmax(row, axis=-1)]
        return tags + ["O"] * (len(words) - len(tags))

    def ids(self, sentence):
        """The ids of a sentence, and the places of its words' first tokens among them."""
        return row_of_words(self.tokenizer, words_of(sentence), self.max_length)

    def row(self, text):
        return self.ids(text)[0]

    def batches(self, corpus, batch_size, shuffle=False, seed=0):
        self.check_corpus(corpus)
        return corpus.batches(self.ids, self.labels, batch_size, shuffle, seed)

    def scores(self, corpus):
        """`kerasseq.metrics.entity_scores` of a TaggedText."""
        self.check_corpus(corpus)
        return entity_scores(corpus.sentences, self.tag(corpus.sentences), corpus.tags)

    def options(self):
        return super().options() | {"labels": self.labels}

    @classmethod
    def read_options(cls, found):
        return super().read_options(found) | {"labels": list(found["labels"])}

    def export(self, path, lines=None, quantize=None):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            lines: iterable of str, sentences held out to check it with; by default
                `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        lines = list(self.examples if lines is None else lines)
        return export(self, path, lines, quantize)


def words_of(sentence):
    """The words of a sentence: a str is cut at white space, a list of words is as it is."""
    if isinstance(sentence, str | bytes):
        return split_words(sentence)
    check_lines(sentence)
    return sentence
