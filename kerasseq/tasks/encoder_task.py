"""What tasks on a text encoder have in common: they read rows of tokens."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence

from kerasseq import metrics, pretrained, training
from kerasseq.data.corpus import TextCorpus
from kerasseq.lazily import keras, ops
from kerasseq.positions import check_positions
from kerasseq.processing.answering import Each, Found, One, Said
from kerasseq.tasks.fit_options import check_fit_options, held_out
from kerasseq.tasks.from_transformers import FromTransformers
from kerasseq.tasks.self_attention import plot_self_attention, self_attention
from kerasseq.tasks.task import Task
from kerasseq.tensors import wide_float
from kerasseq.text.checks import check_samples_nothing, check_tokenizers

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.pretrained.heads import Pretrained
    from kerasseq.pretrained.hub_heads import HubReader
    from kerasseq.processing.processor import Processor
    from kerasseq.tasks.self_attention import SelfAttention
    from kerasseq.tensors import Tensor
    from kerasseq.text.tokenizer import Tokenizer


class EncoderTask(FromTransformers, Task[One, Each, Said, Found]):
    """A text encoder under a head, which reads rows of tokens.

    A subclass sets `corpus`, the name of the class it learns from, and `usual_length`, the most
    tokens read of an input to a pretrained encoder, and implements `batches`, `probabilities_of`
    and `read_keras_hub`.

    Args:
        model: keras.Model, from a dict of `tokens` `(B, S)` to logits.
        processor: Processor.
        examples: list, held-out inputs, with which an export is checked.

    Raises:
        ValueError: for parts that do not fit: another model, a tokenizer with more tokens than
            the encoder, or a `max_length` without room for a text or beyond its positions.
    """

    usual_length: int = 128

    def __init__(
        self, model: keras.Model, processor: Processor, examples: Iterable[typing.Any] = ()
    ) -> None:
        check_tokenizers(processor.tokenizer)
        super().__init__(model, processor, examples)
        check_encoder(model.encoder, processor.tokenizer, processor.max_length)

    @classmethod
    def from_keras_hub(
        cls,
        given: AnyPath | keras.Model,
        *,
        tokenizer: typing.Any = None,
        head: typing.Literal["new"] | None = None,
        dtype: str | None = None,
        **options: typing.Any,
    ) -> typing.Self:
        """A task on a text backbone of KerasHub: a BERT, DistilBERT, ELECTRA, ALBERT, DeBERTa v3,
        RoBERTa or XLM-R.

        Nothing is downloaded: what is on the net, and a folder of Hugging Face's, is read with
        KerasHub's `from_preset` first.

        Args:
            given: task of KerasHub with its preprocessor, or a backbone; or the path of a folder
                that `save_to_preset` wrote.
            tokenizer: tokenizer of KerasHub or of this package, for a model that has none with
                it.
            head: None for the model's own layers above the backbone, as KerasHub's text
                classifiers and masked language models have them; "new" for untrained ones, which
                want `fit`. What is new is printed.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            **options: as for the class, as the `labels`; `max_length` is by default 128, 256 for
                a TextEncoder and 384 for a QuestionAnswerer, or the backbone's positions. A
                TextEncoder has `pooling`, by default "mean", and `normalize`, by default True.

        Raises:
            FileNotFoundError: for a missing folder or file.
            ValueError: for another kind of model, a damaged file, anything that is not
                supported, by its name, or options that do not fit.
        """
        reader = pretrained.HubReader(given, tokenizer, head, dtype)
        found = cls.read_keras_hub(reader, options)
        options.setdefault("max_length", min(cls.usual_length, reader.encoder.max_length))
        return cls(found.model, found.tokenizer, **options)

    @classmethod
    def read_keras_hub(cls, reader: HubReader, options: dict[str, typing.Any]) -> Pretrained:
        """The model of a HubReader; takes what it reads alone out of the `options`."""
        raise NotImplementedError(f"{cls.__name__} must implement read_keras_hub.")

    @property
    def tokenizer(self) -> Tokenizer:
        """Tokenizer of what is read."""
        return self.processor.tokenizer

    def fit(
        self,
        corpus: typing.Any,
        *,
        epochs: int = 3,
        batch_size: int = 32,
        learning_rate: float = 3e-5,
        validation: typing.Any = None,
        seed: int = 0,
        **options: typing.Any,
    ) -> keras.callbacks.History:
        """Trains the model on labelled text, as BERT is fine-tuned.

        The optimizer is `kerasseq.training.fine_tuning_optimizer`, its steps are counted here.
        For another, compile and fit `model` with `batches`.

        Args:
            corpus: LabelledText, TaggedText or QuestionAnswers, as the task reads.
            epochs: int.
            batch_size: int, the most texts of a batch. Texts of like length share one, so
                that few is padding; of a small corpus many batches are smaller.
            learning_rate: float, the peak; an encoder that was not pretrained wants more, 1e-3.
            validation: corpus to measure after every epoch, or the share of `corpus` to hold out
                for it, such as 0.1; None for none.
            seed: int, of the batches' order and of a share held out.
            **options: as for `keras.Model.fit`: `callbacks`, `verbose`.

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: for another corpus or other labels than the task reads, for other options,
                or for weights in half precision.
        """
        counts = {"epochs": epochs, "batch_size": batch_size}
        check_fit_options(self.fit, counts, learning_rate, options)
        check_samples_nothing(self.tokenizer)
        self.check_corpus(corpus)
        if isinstance(validation, float):
            corpus, validation = held_out(corpus, validation, seed)
        train = self.batches(corpus, batch_size, shuffle=True, seed=seed)
        optimizer = training.fine_tuning_optimizer(self.model, epochs * len(train), learning_rate)
        self.model.compile(optimizer, **self.objective())
        measured = None if validation is None else self.batches(validation, batch_size)
        return self.model.fit(
            train, validation_data=measured, epochs=epochs, shuffle=False, **options
        )

    def check_corpus(self, corpus: object) -> None:
        super().check_corpus(corpus)
        if isinstance(corpus, TextCorpus):
            corpus.check_whitespace(self.tokenizer)

    def batches(
        self, corpus: typing.Any, batch_size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        """Padded batches of a labelled corpus, for `model.fit`; see the corpus' own."""
        raise NotImplementedError(f"{type(self).__name__} must implement batches.")

    def objective(self) -> dict[str, typing.Any]:
        """The loss and the metrics of `fit`: a dict of arguments for `model.compile`.

        `accuracy` is the share of right answers among all that count: texts, words, masks, or
        ends of spans.
        """
        loss = keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight", dtype=wide_float()
        )
        # Keras' own accuracy averages a row's tokens first: it is no share of tokens.
        return {"loss": loss, "weighted_metrics": [metrics.TokenAccuracy("accuracy")]}

    def ids(self, given: Each) -> list[int]:
        """The ids that the model reads of one input; of a long context the first part's."""
        return self.processor.rows(self.processor.clean(given))[0].ids

    def outputs(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"outputs": self.probabilities_of(self.model(inputs, training=False))}

    def probabilities_of(self, logits: Tensor) -> Tensor:
        """What is read from the model's logits: probabilities, softmax over the labels."""
        return ops.softmax(logits, axis=-1)

    def programs(self) -> dict[str, tuple[Callable[..., typing.Any], dict[str, keras.KerasTensor]]]:
        """`read`: `tokens` `(1, S)` int32, padded with 0, to `outputs`, with `S` = `max_length`."""
        spec = {"tokens": keras.KerasTensor((1, self.max_length), "int32")}
        return {self.processor.program: (lambda tokens: self.outputs({"tokens": tokens}), spec)}

    def save_hugging_face(self, folder: AnyPath) -> None:
        """Writes a folder of Hugging Face's layout, which transformers' classes load.

        Their answers are the task's; `from_hugging_face` reads the folder again. Texts are read
        alike but for what `kerasseq.text.normalize` does first, and for symbols such as "[SEP]"
        in a text, which are text here.

        Args:
            folder: path of a new folder.

        Raises:
            FileExistsError: when there is something at the path.
            ValueError: for what Hugging Face's BERT, DistilBERT, ELECTRA and MPNet do not compute,
                by its name.
        """
        said = (getattr(self.processor, name, None) for name in ("labels", "kind"))
        pretrained.write_hugging_face(self.model, self.tokenizer, folder, self.max_length, *said)

    def attention(self, given: One) -> SelfAttention:
        """Where every head of the encoder looks when it reads one input.

        Args:
            given: one input, as a call takes it; of a long context the first part is read.

        Returns:
            SelfAttention: `tokens`, and `attention` by layer and head, which
            `kerasseq.plots.attention_heads(tokens, tokens, attention)` draws.

        Raises:
            ValueError: for an encoder without attention.
        """
        return self_attention(self, self.ids(given))

    def plot_attention(
        self, given: One, path: AnyPath | None = None, *, words: bool = False, heads: bool = False
    ) -> Figure:
        """Draws what the tokens of one input look at, through all layers together (rollout).

        Args:
            given: one input, as for a call.
            path: path of a `.png`, `.svg` or `.pdf` to write, or None.
            words: bool, join the pieces of words.
            heads: bool, a map for each layer and head.

        Returns:
            matplotlib.figure.Figure; see `kerasseq.plots`.

        Raises:
            ValueError: when the encoder does not attend.
        """
        return plot_self_attention(*self.attention(given), path, words, heads)


def check_encoder(encoder: typing.Any, tokenizer: Tokenizer, max_length: int) -> None:
    """Refuses a tokenizer or a row that an encoder cannot read.

    Raises:
        ValueError: for a tokenizer with more tokens than the encoder, or a `max_length` that
            leaves no room for a text or is more than its positions.
    """
    size = getattr(encoder, "config", {}).get("vocabulary_size")
    if size is not None and tokenizer.vocabulary_size > size:
        raise ValueError(
            f"Expected a tokenizer of at most {size} tokens, the encoder's vocabulary; received "
            f"one of {tokenizer.vocabulary_size}. Give the one it was trained with."
        )
    if max_length < 5:
        raise ValueError(
            f"Expected max_length of at least 5 tokens; received {max_length}. Raise it."
        )
    most = {"max_length": getattr(encoder, "max_length", None)}
    check_positions({"max_length": max_length}, most, "Lower it.")


def check_outputs(labels: Sequence[str], count: int) -> None:
    """Refuses labels that do not name each of `count` logits."""
    if len(labels) != count:
        raise ValueError(
            f"Expected {count} different labels, one a logit; received {', '.join(labels)}. Give "
            "the list that the model was trained with."
        )
