"""The question answerer: a question and a text to the answer that is found in it."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from kerasseq import pretrained
from kerasseq.metrics import answer_scores
from kerasseq.processing import Spans
from kerasseq.processing.spans import Answer
from kerasseq.tasks.encoder_task import EncoderTask

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.data.question_answers import QuestionAnswers
    from kerasseq.files import AnyPath
    from kerasseq.models.span_classifier import SpanClassifier
    from kerasseq.pretrained.heads import Pretrained
    from kerasseq.pretrained.hub_heads import HubReader
    from kerasseq.processing.processor import Processor
    from kerasseq.tensors import Tensor
    from kerasseq.text.tokenizer import Tokenizer


class QuestionAnswerer(EncoderTask[tuple[str, str], tuple[str, str], str, Answer]):
    """Answers questions with stretches of a context (extractive question answering).

    A context that is too long for a row is read in parts that overlap, and the best part's
    answer counts. Of a question 64 tokens are read, and at most half of a row; a warning says
    what was cut.

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
        inputs: a pair of str, question and context, as a tuple; or a list or an iterator of
            pairs.

    Returns:
        str, "" for no answer; a list for a list.
    """

    processing: type[Processor] = Spans
    head: str = "SpanClassifier"
    corpus: str | None = "QuestionAnswers"
    usual_length = 384

    def __init__(
        self,
        model: SpanClassifier,
        tokenizer: Tokenizer,
        max_length: int = 384,
        *,
        examples: Iterable[tuple[str, str]] = (),
        overlap: int = 128,
        longest: int = 30,
        threshold: float | None = 0.0,
    ) -> None:
        processor = Spans(tokenizer, max_length, overlap, longest, threshold)
        super().__init__(model, processor, examples)

    @classmethod
    def from_hugging_face(
        cls,
        path: AnyPath,
        max_length: int = 384,
        *,
        dtype: str | None = None,
        head: typing.Literal["new"] | None = None,
        **options: typing.Any,
    ) -> typing.Self:
        """A question answerer on an encoder in Hugging Face's layout: a BERT, DistilBERT, RoBERTa,
        XLM-R, CamemBERT, MPNet, ELECTRA, ALBERT or ModernBERT.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            max_length: int, the most tokens of a row.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            head: None for the folder's own head; "new" for an untrained one, which wants
                `fit`. What is new is printed.
            **options: as for the class.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a folder without such a head, or with anything that is not
                supported, by its name.
        """
        found = pretrained.read_question_answerer(path, head, dtype)
        return cls(found.model, found.tokenizer, max_length, **options)

    @classmethod
    def read_keras_hub(cls, reader: HubReader, options: dict[str, typing.Any]) -> Pretrained:
        return pretrained.read_hub_question_answerer(reader)

    def probabilities_of(self, logits: Tensor) -> Tensor:
        """The best span of each row: first and last position, and score, `(B, 3)`."""
        from kerasseq.models.span_classifier import best_spans

        return best_spans(logits, self.processor.longest)

    def batches(
        self, corpus: QuestionAnswers, batch_size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        self.check_corpus(corpus)
        return corpus.batches(self.processor, batch_size, shuffle=shuffle, seed=seed)

    def scores(self, corpus: QuestionAnswers) -> dict[str, float]:
        """`kerasseq.metrics.answer_scores` of QuestionAnswers: exact match and F1."""
        self.check_corpus(corpus)
        return answer_scores(self(list(corpus.pairs())), list(corpus.answers()))
