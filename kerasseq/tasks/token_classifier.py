"""The token classifier: a tag for every word."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

from kerasseq import pretrained
from kerasseq.data.left_out import Cuts
from kerasseq.metrics import entity_scores
from kerasseq.processing import Tags
from kerasseq.processing.labels import check_labels
from kerasseq.processing.tags import Tagging
from kerasseq.tasks.encoder_task import EncoderTask, check_outputs

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.data.prefetch import Batches
    from kerasseq.data.tagged_text import TaggedText
    from kerasseq.files import AnyPath
    from kerasseq.models.sequence_tagger import SequenceTagger
    from kerasseq.pretrained.heads import Pretrained
    from kerasseq.pretrained.hub_heads import HubReader
    from kerasseq.processing.processor import Processor
    from kerasseq.text.tokenizer import Tokenizer


class TokenClassifier(EncoderTask[str, str | Sequence[str], list[str], Tagging]):
    """Tags words with a trained model. A word's tag is read at its first token.

    Args:
        model: SequenceTagger with a logit for each tag.
        tokenizer: Tokenizer.
        labels: list of `L` str, the tags in the order of the logits.
        max_length: int, the most tokens read of a sentence; words after them are tagged "O", and
            a warning says so.
        examples: list of str, held-out sentences, with which an export is checked.

    Call arguments:
        inputs: str, one sentence, which is cut into words at white space; or a list or an
            iterator of sentences, each a str or a list of words.

    Returns:
        for each sentence a list of tags, one a word. A list of such lists for a list.

    Raises:
        ValueError: when the tags do not fit the model.
    """

    processing: type[Processor] = Tags
    head: str = "SequenceTagger"
    corpus: str | None = "TaggedText"

    def __init__(
        self,
        model: SequenceTagger,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int = 256,
        *,
        examples: Iterable[str] = (),
    ) -> None:
        super().__init__(model, Tags(tokenizer, labels, max_length), examples)
        check_outputs(self.labels, model.num_labels)

    @property
    def labels(self) -> list[str]:
        """list of `L` str, the tags in the order of the logits."""
        return self.processor.labels

    @classmethod
    def from_hugging_face(
        cls,
        path: AnyPath,
        labels: Sequence[str] | None = None,
        max_length: int = 128,
        *,
        dtype: str | None = None,
        head: typing.Literal["new"] | None = None,
    ) -> typing.Self:
        """A tagger on an encoder in Hugging Face's layout: a BERT, DistilBERT, RoBERTa,
        XLM-R, CamemBERT, MPNet, ELECTRA, ALBERT or ModernBERT.

        Args:
            path: path of the folder, or a name on the Hugging Face hub.
            labels: list of str, names for the folder's own tags; required for a new head.
            max_length: int, the most tokens read.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            head: None for the folder's own head; "new" for an untrained one, which wants
                `fit`. What is new is printed.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a folder without such a head, or with anything that is not
                supported, by its name; or for labels that do not fit.
        """
        labels = labels if labels is None else check_labels(labels)
        found = pretrained.read_tagger(path, labels, head, dtype)
        return cls(found.model, found.tokenizer, found.labels, max_length)

    @classmethod
    def read_keras_hub(cls, reader: HubReader, options: dict[str, typing.Any]) -> Pretrained:
        labels = check_labels(options.get("labels", ()))
        return pretrained.read_hub_tagger(reader, len(labels))

    def tag(
        self,
        sentences: Iterable[str | Sequence[str]],
        *,
        batch_size: int = 64,
        progress: Callable[[int], object] | None = None,
    ) -> Iterator[Tagging]:
        """Yields, in order, the Tagging of each sentence: tags, their mean probability, and the
        probabilities `(words, L)` of the words that were read.

        Args:
            sentences: iterable of sentences, each a str or a list of words.
            batch_size: int, sentences read at once.
            progress: function called with the number of sentences done since the last call.
        """
        found = self.answers(sentences, batch_size=batch_size, progress=progress)
        return (tagging for (tagging,) in found)

    def probabilities(
        self, sentences: Iterable[str | Sequence[str]], *, batch_size: int = 64
    ) -> Iterator[np.ndarray]:
        """Yields a float32 array `(words, L)` for each sentence, of the words that were read."""
        return (found.probabilities for found in self.tag(sentences, batch_size=batch_size))

    def row(self, sentence: str | Sequence[str]) -> tuple[list[int], list[int]]:
        """The ids of a sentence, and the places of its words' first tokens among them."""
        found = self.processor.rows(self.processor.clean(sentence))[0]
        return found.ids, found.places

    def batches(
        self, corpus: TaggedText, batch_size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        self.check_corpus(corpus)
        cuts = Cuts(self.max_length, corpus.unit)

        def encode(words):
            found = cuts(self.processor.rows(words)[0])
            return found.ids, found.places

        found = corpus.batches(encode, self.labels, batch_size, shuffle=shuffle, seed=seed)
        cuts.say()
        return found

    def scores(self, corpus: TaggedText) -> dict[str, typing.Any]:
        """`kerasseq.metrics.entity_scores` of a TaggedText."""
        self.check_corpus(corpus)
        return entity_scores(corpus.sentences, self(corpus.sentences), corpus.tags)
