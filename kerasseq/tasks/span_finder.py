"""The span finder: a question and a text to the answer that stands in it."""

import itertools

from kerasseq.metrics import answer_scores
from kerasseq.models.span_classifier import SpanClassifier, best_spans
from kerasseq.tasks.answer import read_answer
from kerasseq.tasks.hugging_face import HuggingFaceFolder
from kerasseq.tasks.labelling import Labelling
from kerasseq.text.checks import check_lines, check_pair
from kerasseq.text.normalize import normalize
from kerasseq.text.units import units
from kerasseq.text.windows import windows

WINDOW = 256


class SpanFinder(Labelling):
    """Answers questions with stretches of a context (extractive question answering).

    A context that is too long for a row is read in parts that overlap, and the best part's
    answer counts.

    Args:
        model: SpanClassifier.
        tokenizer: WordPieceTokenizer.
        max_length: int, the most tokens of a row, question and part.
        examples: list of pairs of str, question and context, held out, with which an export
            is checked.
        overlap: int, the tokens that a part shares with the next.
        longest: int, the most tokens of an answer.
        threshold: float, in nats; an answer whose score is below is none. None when every
            question has an answer.

    Call arguments:
        pairs: a pair of str, question and context, as a tuple; or a list of pairs.

    Returns:
        str, "" for no answer; a list for a list.
    """

    name = "span_finder"
    head, corpus = SpanClassifier, "AnsweredText"

    def __init__(
        self,
        model,
        tokenizer,
        max_length=384,
        examples=(),
        overlap=128,
        longest=30,
        threshold=0.0,
    ):
        self.longest = longest
        super().__init__(model, tokenizer, max_length, examples)
        self.overlap = overlap
        self.threshold = threshold

    @classmethod
    def from_hugging_face(cls, path, max_length=384, dtype=None, **options):
        """A span finder on a BERT or DistilBERT of Hugging Face's layout.

        A head that the folder holds is taken over; otherwise the last layer is new and wants
        `fit`.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            max_length: int, the most tokens of a row.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            **options: as for the class.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for another model, or a missing tensor.
        """
        folder = HuggingFaceFolder(path)
        tokenizer = folder.tokenizer()
        encoder = folder.encoder(tokenizer, dtype)
        model = SpanClassifier(encoder, tokenizer.separator_id, dtype=dtype)
        if folder.has("qa_outputs.weight"):
            folder.assign_dense(model.output_dense, "qa_outputs")
        return cls(model, tokenizer, max_length, **options)

    def __call__(self, pairs):
        if isinstance(pairs, tuple):
            return self([pairs])[0]
        return [found.text for (found,) in self.answers(pairs)]

    def answers(self, pairs, batch_size=32):
        """Yields, in order, a list of one Answer for each of an iterable of pairs."""
        check_lines(pairs, pairs=True)
        remaining = iter(pairs)
        while chunk := list(itertools.islice(remaining, WINDOW)):
            for pair in chunk:
                check_pair(pair)
            contexts = [units(normalize(context)) for _, context in chunk]
            parts = [
                self.windows(question, context)
                for (question, _), context in zip(chunk, contexts, strict=True)
            ]
            rows = [part.ids for each in parts for part in each]
            spans = iter(self.rows_of_ids(rows, batch_size))
            for context, each in zip(contexts, parts, strict=True):
                found = list(itertools.islice(spans, len(each)))
                yield [read_answer(context, each, found, self.threshold)]

    def windows(self, question, context):
        """The rows of a question and a context cut in units; see `kerasseq.text.windows`."""
        return windows(self.tokenizer, question, context, self.max_length, self.overlap)

    def outputs_of_ids(self, tokens):
        return best_spans(self.model({"tokens": tokens}, training=False), self.longest)

    def row(self, text):
        check_pair(text)
        question, context = text
        return self.windows(question, units(normalize(context)))[0].ids

    def batches(self, corpus, batch_size, shuffle=False, seed=0):
        self.check_corpus(corpus)
        return corpus.batches(self.windows, batch_size, shuffle, seed)

    def scores(self, corpus):
        """`kerasseq.metrics.answer_scores` of an AnsweredText: exact match and F1."""
        self.check_corpus(corpus)
        return answer_scores(self(list(corpus.pairs())), list(corpus.answers()))

    def options(self):
        chosen = {"overlap": self.overlap, "longest": self.longest, "threshold": self.threshold}
        return super().options() | chosen

    @classmethod
    def read_options(cls, found):
        return super().read_options(found) | {
            "overlap": int(found["overlap"]),
            "longest": int(found["longest"]),
            "threshold": found["threshold"],
        }

    def export(self, path, pairs=None, quantize=None):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            pairs: iterable of pairs of str, question and context, held out to check it with;
                by default `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        pairs = list(self.examples if pairs is None else pairs)
        return export(self, path, pairs, quantize)
