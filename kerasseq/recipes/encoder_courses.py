"""How a recipe trains a task on a text encoder: labels of texts, tags of words, answers."""

from __future__ import annotations

import itertools
import pathlib
import typing
from collections.abc import Iterable, Iterator

from kerasseq.data import (
    LabelledText,
    QuestionAnswers,
    TaggedText,
    describe_batches,
    read_corpus,
)
from kerasseq.doctor import examine_labels
from kerasseq.models import SequenceClassifier, SequenceTagger, SpanClassifier, copy_model
from kerasseq.recipes.build import ENCODER_TOKENIZERS, build_encoder, build_tokenizer
from kerasseq.recipes.callbacks import Scores
from kerasseq.recipes.corpora import PARTS, build_data, make, one_file
from kerasseq.recipes.course import EXAMPLES, Course, Ready
from kerasseq.recipes.run_log import heard
from kerasseq.tasks import QuestionAnswerer, TextClassifier, TokenClassifier
from kerasseq.tasks.encoder_task import check_encoder
from kerasseq.text import WordVectors

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.data.dataset import Dataset
    from kerasseq.doctor import Finding
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.encoder_task import EncoderTask
    from kerasseq.text.tokenizer import Tokenizer

    AnyEncoderTask: typing.TypeAlias = EncoderTask[typing.Any, typing.Any, typing.Any, typing.Any]

# What a label of a table is read as, where it is no name.
READ_LABEL = {"regression": float, "multi_label": str.split}


class EncoderCourse(Course):
    """A text encoder under a head; see `Course`.

    A subclass gives `names`, `inputs` and `head`.
    """

    kind: type[AnyEncoderTask]
    mode: typing.Literal["min", "max"] = "max"
    head: type[keras.Model]

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.settings: dict[str, typing.Any] = dict(recipe["task"])
        self.settings.pop("kind")

    def data(self, parts: Iterable[str] = PARTS) -> Dataset:
        return build_data(self.recipe["data"], parts, self._read)

    def _read(self, section, part):
        if part not in section:
            return None
        corpus = read_corpus(
            self.kind.corpus,
            one_file(section, part),
            section.get("columns", ()),
            read_label=READ_LABEL.get(self.settings.get("kind"), str),
            encoding=section.get("encoding", "utf-8"),
        )
        return corpus.with_whitespace() if section.get("keep_whitespace") else corpus

    def names(self, corpus: typing.Any) -> list[list[str]]:
        """The names of what the model chooses from, as arguments of the task: one list, or none."""
        return []

    def inputs(self, corpus: typing.Any) -> Iterator[typing.Any]:
        """What the task is asked: texts or pairs of texts."""
        raise NotImplementedError(f"{type(self).__name__} must implement inputs.")

    def new_head(
        self,
        encoder: keras.Model,
        tokenizer: Tokenizer,
        names: list[list[str]],
        options: dict[str, typing.Any],
    ) -> keras.Model:
        """A new model on an encoder."""
        return self.head(encoder, *map(len, names), **options)

    def load_start(self, folder: str, corpus: Dataset) -> AnyEncoderTask:
        path = pathlib.Path(folder)
        own = (path / f"{self.kind.name}.json").is_file()
        new = self.recipe["start"].get("head")
        if own and new:
            raise ValueError(
                f"Expected a pretrained folder for a new head; received {folder}, a saved "
                f"{self.kind.name} with its own. Leave start.head out."
            )
        dtype = self.training.get("precision")
        if own:
            task = self.kind.load(path)
            task.model = copy_model(task.model, **({"dtype": dtype} if dtype else {}))
            given = {name: each for name, each in self.settings.items() if name != "kind"}
            task.processor = task.processor.replace(**given)
            check_encoder(task.model.encoder, task.tokenizer, task.max_length)
            return task
        names = self.names(corpus.train) if new else []
        return self.kind.from_hugging_face(path, *names, dtype=dtype, head=new, **self.settings)

    def train_tokenizers(self, corpus: typing.Any) -> dict[str, Tokenizer]:
        lines = itertools.chain.from_iterable(
            (given,) if isinstance(given, str) else given for given in self.inputs(corpus)
        )
        section, known = self.recipe.get("vectors", {}), []
        if "words" in section:
            known = WordVectors.words(section["path"], section["words"], kind=section.get("kind"))
        # Twice, so that those of the text that stand once may stay out.
        lines = itertools.chain(lines, known, known)
        section = self.recipe["tokenizer"]
        return {"tokenizer": build_tokenizer(section, "tokenizer", lines, ENCODER_TOKENIZERS)}

    def get_ready(
        self,
        corpus: Dataset,
        tokenizers: dict[str, Tokenizer],
        start: typing.Any = None,
    ) -> Ready:
        task, lines = (start, []) if start else self._new(corpus, tokenizers["tokenizer"])
        task.examples = list(itertools.islice(self.inputs(corpus.validation), EXAMPLES))
        size, seed = self.recipe["batches"].get("batch_size", 32), self.training.get("seed", 0)
        with heard() as of_train:
            batches = task.batches(corpus.train, size, shuffle=True, seed=seed)
        with heard() as of_validation:
            validation = task.batches(corpus.validation, size)
        lines += [
            *(f"training: {line}" for line in of_train),
            *(f"validation: {line}" for line in of_validation),
        ]
        return Ready(task, batches, validation, describe_batches(batches), lines)

    def _new(self, corpus, tokenizer):
        """A new task, and what the log says of it."""
        recipe, names, lines = self.recipe, self.names(corpus.train), []
        dtype = {"dtype": self.training.get("precision", "float32")}
        section = dict(recipe["encoder"])
        vectors = dict(recipe.get("vectors", {}))
        if vectors:
            trainable = vectors.pop("trainable", True)
            vectors.pop("words", None)
            found = WordVectors.read(vectors.pop("path"), tokenizer, **vectors)
            section.setdefault("embedding_dim", found.table.shape[1])
            lines = [f"vectors cover {found.coverage:.1%} of the vocabulary"]
        encoder = build_encoder(section | dtype, tokenizer)
        if lines:
            encoder.embedding.load_vectors(found.table, trainable)
        options = recipe.get("model", {})
        model = make(
            "model", options, lambda: self.new_head(encoder, tokenizer, names, options | dtype)
        )
        return self.kind(model, tokenizer, *names, **self.settings), lines

    def quality(self, task: typing.Any, validation: typing.Any) -> keras.callbacks.Callback | None:
        return Scores(task, validation)


class LabelCourse(EncoderCourse):
    """A label, several, or a value for each text; see `Course`."""

    kind: type[AnyEncoderTask] = TextClassifier
    unit: str = LabelledText.unit
    head: type[keras.Model] = SequenceClassifier

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.settings["kind"] = self.settings.pop("labels", "single_label")
        self.best: str = {
            "single_label": "val_accuracy",
            "multi_label": "val_micro_f1",
            "regression": "val_mean_absolute_error",
        }[self.settings["kind"]]
        self.mode: typing.Literal["min", "max"] = (
            "min" if self.settings["kind"] == "regression" else "max"
        )

    def examine(self, corpus: Dataset) -> list[Finding]:
        return examine_labels(corpus.train, corpus.validation)

    def names(self, corpus: typing.Any) -> list[list[str]]:
        return [["value"] if self.settings["kind"] == "regression" else corpus.label_names()]

    def inputs(self, corpus: typing.Any) -> Iterator[typing.Any]:
        return corpus.texts()


class TagCourse(EncoderCourse):
    """A tag for each word; see `Course`."""

    kind: type[AnyEncoderTask] = TokenClassifier
    unit: str = TaggedText.unit
    head: type[keras.Model] = SequenceTagger
    best: str = "val_f1"

    def names(self, corpus: typing.Any) -> list[list[str]]:
        return [corpus.tag_names()]

    def inputs(self, corpus: typing.Any) -> Iterator[typing.Any]:
        return corpus.words()


class AnswerCourse(EncoderCourse):
    """The part of a text that answers a question; see `Course`."""

    kind: type[AnyEncoderTask] = QuestionAnswerer
    unit: str = QuestionAnswers.unit
    head: type[keras.Model] = SpanClassifier
    best: str = "val_f1"

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        if self.settings.pop("always_answers", False):
            self.settings["threshold"] = None

    def inputs(self, corpus: typing.Any) -> Iterator[typing.Any]:
        return corpus.pairs()

    def new_head(
        self,
        encoder: keras.Model,
        tokenizer: Tokenizer,
        names: list[list[str]],
        options: dict[str, typing.Any],
    ) -> keras.Model:
        return self.head(encoder, tokenizer.separator_id, **options)
