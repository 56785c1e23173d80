"""The text classifier: a model, a tokenizer and the names of its labels."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

from kerasseq import pretrained
from kerasseq.data.left_out import Cuts
from kerasseq.doctor import check_vocabulary, examine_labels
from kerasseq.lazily import keras, ops
from kerasseq.metrics import label_scores
from kerasseq.processing import Labels
from kerasseq.processing.labels import Label, Text, check_labels
from kerasseq.tasks.encoder_task import EncoderTask, check_outputs
from kerasseq.tensors import wide_float

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.data.labelled_text import LabelledText
    from kerasseq.data.prefetch import Batches
    from kerasseq.doctor import Finding
    from kerasseq.files import AnyPath
    from kerasseq.models.sequence_classifier import SequenceClassifier
    from kerasseq.pretrained.heads import Pretrained
    from kerasseq.pretrained.hub_heads import HubReader
    from kerasseq.processing.processor import Processor
    from kerasseq.tensors import Tensor
    from kerasseq.text.tokenizer import Tokenizer


class TextClassifier(EncoderTask[Text, Text, str | list[str] | float, Label]):
    """Labels texts, or pairs of texts, with a trained model.

    Args:
        model: SequenceClassifier with a logit for each label.
        tokenizer: Tokenizer.
        labels: list of `L` str, in the order of the logits.
        max_length: int, the most tokens read of a text; a longer one is cut, and a warning says
            so.
        examples: list of str or of pairs of str, held out, with which an export is checked.
        kind: "single_label" (softmax), "multi_label" (a sigmoid each) or "regression" (one
            logit, the value itself).

    Call arguments:
        inputs: str, or a pair of str as a tuple; or a list or an iterator of either.

    Returns:
        for each text the likeliest label, a str; with "multi_label" a list of those of at
        least one half, likeliest first; with "regression" a float. A list for a list.

    Raises:
        ValueError: when the labels do not fit the model, or for another kind.
    """

    processing: type[Processor] = Labels
    head: str = "SequenceClassifier"
    corpus: str | None = "LabelledText"

    def __init__(
        self,
        model: SequenceClassifier,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int = 256,
        *,
        examples: Iterable[Text] = (),
        kind: typing.Literal["single_label", "multi_label", "regression"] = "single_label",
    ) -> None:
        super().__init__(model, Labels(tokenizer, labels, max_length, kind), examples)
        check_outputs(self.labels, model.num_labels)

    @property
    def labels(self) -> list[str]:
        """list of `L` str, in the order of the logits."""
        return self.processor.labels

    @property
    def kind(self) -> typing.Literal["single_label", "multi_label", "regression"]:
        """str: "single_label", "multi_label" or "regression"."""
        return self.processor.kind

    @classmethod
    def from_hugging_face(
        cls,
        path: AnyPath,
        labels: Sequence[str] | None = None,
        max_length: int = 128,
        *,
        kind: typing.Literal["single_label", "multi_label", "regression"] | None = None,
        dtype: str | None = None,
        head: typing.Literal["new"] | None = None,
    ) -> typing.Self:
        """A classifier on an encoder in Hugging Face's layout: a BERT, DistilBERT, RoBERTa,
        XLM-R, CamemBERT, MPNet, ELECTRA, ALBERT or ModernBERT.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            labels: list of str, names for the folder's own labels; required for a new head.
            max_length: int, the most tokens read.
            kind: as for the class; by default the folder's own, of one logit "regression".
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            head: None for the folder's own head; "new" for an untrained one, which wants
                `fit`. BERT's pooler is taken over where it is, and what is new is printed.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a folder without such a head, or with anything that is not
                supported, by its name; or for labels that do not fit.
        """
        labels = labels if labels is None else check_labels(labels)
        found = pretrained.read_classifier(path, labels, kind, head, dtype)
        return cls(found.model, found.tokenizer, found.labels, max_length, kind=found.kind)

    @classmethod
    def read_keras_hub(cls, reader: HubReader, options: dict[str, typing.Any]) -> Pretrained:
        labels = check_labels(options.get("labels", ()))
        return pretrained.read_hub_classifier(reader, len(labels))

    def classify(
        self,
        texts: Iterable[Text],
        *,
        batch_size: int = 64,
        progress: Callable[[int], object] | None = None,
    ) -> Iterator[list[Label]]:
        """Yields, in order, every Label of each text, likeliest first.

        Args:
            texts: iterable of str, or of pairs of str.
            batch_size: int, texts read at once.
            progress: function called with the number of texts done since the last call.
        """
        return self.answers(texts, batch_size=batch_size, progress=progress)

    def probabilities(self, texts: Iterable[Text], *, batch_size: int = 64) -> Iterator[np.ndarray]:
        """Yields a float32 array `(L,)` for each of an iterable of texts; of a regression the
        value."""
        readings = self.readings(self.processor.check(texts), batch_size=batch_size)
        return (outputs["outputs"] for _, _, (outputs,) in readings)

    def probabilities_of(self, logits: Tensor) -> Tensor:
        if self.kind == "single_label":
            return ops.softmax(logits, axis=-1)
        return ops.sigmoid(logits) if self.kind == "multi_label" else logits

    def batches(
        self, corpus: LabelledText, batch_size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        self.check_corpus(corpus)
        cuts = Cuts(self.max_length, corpus.unit)

        def encode(text):
            return cuts(self.processor.rows(text)[0]).ids

        found = corpus.batches(encode, self.labels, batch_size, shuffle=shuffle, seed=seed)
        cuts.say()
        return found

    def objective(self) -> dict[str, typing.Any]:
        if self.kind == "single_label":
            return super().objective()
        if self.kind == "regression":
            return {"loss": keras.losses.MeanSquaredError(dtype=wide_float())}
        loss = keras.losses.BinaryCrossentropy(from_logits=True, dtype=wide_float())
        accuracy = keras.metrics.BinaryAccuracy(threshold=0.0, dtype=wide_float())
        return {"loss": loss, "weighted_metrics": [accuracy]}

    def examine(
        self, corpus: LabelledText, validation: LabelledText | None = None
    ) -> list[Finding]:
        rows = ((text,) if isinstance(text, str) else text for text in corpus.texts())
        texts = itertools.chain.from_iterable(rows)
        return check_vocabulary(texts, self.tokenizer) + examine_labels(corpus, validation)

    def scores(self, corpus: LabelledText) -> dict[str, float]:
        """`kerasseq.metrics.label_scores` of a LabelledText: accuracy and its like."""
        self.check_corpus(corpus)
        return label_scores(self(list(corpus.texts())), list(corpus.labels()))

    def check_corpus(self, corpus: typing.Any) -> None:
        """Refuses another corpus, and labels that are not what the classifier answers."""
        super().check_corpus(corpus)
        if corpus.kind != self.kind:
            raise ValueError(
                f"Expected labels for a {self.kind} classifier; received a LabelledText of "
                f"{corpus.kind}. Give a str a text for single_label, a list of str for "
                f"multi_label, a float for regression, or make the classifier of kind "
                f"{corpus.kind!r}."
            )
