"""The text classifier: a model, a tokenizer and the names of its labels."""

import itertools

import keras
from keras import ops

from kerasseq.metrics import label_scores
from kerasseq.models.sequence_classifier import SequenceClassifier
from kerasseq.tasks.hugging_face import HuggingFaceFolder
from kerasseq.tasks.label import KINDS, answer, ranked
from kerasseq.tasks.labelling import Labelling, check_labels, label_list
from kerasseq.text.checks import check_lines
from kerasseq.text.packing import row_of_text

WINDOW = 2048


class TextClassifier(Labelling):
    """Labels texts, or pairs of texts, with a trained model.

    Args:
        model: SequenceClassifier with a logit for each label.
        tokenizer: Tokenizer.
        labels: list of `L` str, in the order of the logits.
        max_length: int, the most tokens read of a text; a longer one is cut.
        examples: list of str or of pairs of str, held out, with which an export is checked.
        kind: "single_label" (softmax), "multi_label" (a sigmoid each) or "regression" (one
            logit, the value itself).

    Call arguments:
        texts: str, or a pair of str as a tuple; or a list of either.

    Returns:
        for each text the likeliest label, a str; with "multi_label" a list of those of at
        least one half, likeliest first; with "regression" a float. A list for a list.

    Raises:
        ValueError: when the labels do not fit the model, or for another kind.
    """

    name = "classifier"
    head, corpus = SequenceClassifier, "LabelledText"

    def __init__(self, model, tokenizer, labels, max_length=256, examples=(), kind="single_label"):
        super().__init__(model, tokenizer, max_length, examples)
        if kind not in KINDS:
            raise ValueError(
                f"Expected a kind of {', '.join(KINDS)}; received {kind!r}. Choose one."
            )
        self.labels = check_labels(labels, model.num_labels)
        if kind == "regression" and len(labels) > 1:
            raise ValueError(
                f"Expected one label, the value's name, for a regression; received "
                f"{', '.join(labels)}. Give one, or another kind."
            )
        self.kind = kind

    @classmethod
    def from_hugging_face(cls, path, labels=None, max_length=128, kind=None, dtype=None):
        """A classifier on a BERT or DistilBERT of Hugging Face's layout.

        A head that the folder holds is taken over with its labels. Otherwise the last layer
        is new and wants `fit`; BERT's pooler is taken over where it is.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            labels: list of str; required for a new head.
            max_length: int, the most tokens read.
            kind: as for the class; by default the folder's own, else "single_label".
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for another model, a missing tensor, or a new head without labels.
        """
        folder = HuggingFaceFolder(path)
        tokenizer = folder.tokenizer()
        given = labels
        labels = folder.labels("classifier") if labels is None else label_list(labels)
        distilled = folder.kind == "distilbert"
        model = SequenceClassifier(
            folder.encoder(tokenizer, dtype),
            len(labels),
            pooling="first",
            hidden_activation="relu" if distilled else "tanh",
            dropout=0.1,
            dtype=dtype,
        )
        hidden = "pre_classifier" if distilled else "pooler.dense"
        if folder.has(f"{hidden}.weight"):
            folder.assign_dense(model.hidden_dense, hidden)
        if given is None:
            folder.assign_dense(model.output_dense, "classifier")
        kind = kind or (folder.kind_of_labels() if given is None else "single_label")
        return cls(model, tokenizer, labels, max_length, kind=kind)

    def __call__(self, texts):
        if isinstance(texts, str | bytes | tuple):
            return self([texts])[0]
        if self.kind == "regression":
            return [float(row[0]) for row in self.probabilities(texts)]
        if self.kind == "single_label":
            return [found.text for (found,) in self.answers(texts)]
        return [[each.text for each in row if each.score >= 0.5] for row in self.classify(texts)]

    def classify(self, texts, batch_size=64):
        """Yields, in order, every Label of each text, likeliest first.

        Args:
            texts: iterable of str, or of pairs of str.
            batch_size: int, texts read at once.
        """
        for row in self.probabilities(texts, batch_size):
            yield ranked(self.labels, row)

    def answers(self, texts):
        """Yields for each text a list of one Label: see `kerasseq.tasks.label.answer`."""
        for row in self.probabilities(texts):
            yield [answer(self.labels, row, self.kind)]

    def probabilities(self, texts, batch_size=64):
        """Yields a float32 array `(L,)` for each of an iterable of texts; of a regression the
        value."""
        check_lines(texts, pairs=True)
        lines = iter(texts)
        while window := list(itertools.islice(lines, WINDOW)):
            yield from self.rows_of_ids([self.ids(text) for text in window], batch_size)

    def outputs_of_ids(self, tokens):
        logits = self.model({"tokens": tokens}, training=False)
        if self.kind == "single_label":
            return ops.softmax(logits, axis=-1)
        return ops.sigmoid(logits) if self.kind == "multi_label" else logits

    def ids(self, text):
        """The ids of one text, or of a pair: at least one and at most `max_length`."""
        return row_of_text(self.tokenizer, text, self.max_length)

    def row(self, text):
        return self.ids(text)

    def batches(self, corpus, batch_size, shuffle=False, seed=0):
        self.check_corpus(corpus)
        return corpus.batches(self.ids, self.labels, batch_size, shuffle, seed)

    def objective(self):
        if self.kind == "single_label":
            return super().objective()
        if self.kind == "regression":
            return {"loss": keras.losses.MeanSquaredError()}
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        return {"loss": loss, "weighted_metrics": [keras.metrics.BinaryAccuracy(threshold=0.0)]}

    def scores(self, corpus):
        """`kerasseq.metrics.label_scores` of a LabelledText: accuracy and its like."""
        self.check_corpus(corpus)
        return label_scores(self(list(corpus.texts())), list(corpus.labels()))

    def check_corpus(self, corpus):
        """Refuses another corpus, and labels that are not what the classifier answers."""
        super().check_corpus(corpus)
        if corpus.kind != self.kind:
            raise ValueError(
                f"Expected labels for a {self.kind} classifier; received a LabelledText of "
                f"{corpus.kind}. Give a str a text for single_label, a list of str for "
                f"multi_label, a float for regression, or make the classifier of kind "
                f"{corpus.kind!r}."
            )

    def options(self):
        return super().options() | {"labels": self.labels, "kind": self.kind}

    @classmethod
    def read_options(cls, found):
        labels = {"labels": list(found["labels"]), "kind": found["kind"]}
        return super().read_options(found) | labels

    def export(self, path, texts=None, quantize=None):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            texts: iterable of str or of pairs of str, held out to check it with; by default
                `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        texts = list(self.examples if texts is None else texts)
        return export(self, path, texts, quantize)
