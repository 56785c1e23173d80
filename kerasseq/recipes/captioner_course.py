"""How a recipe trains a captioner."""

from __future__ import annotations

import json
import pathlib
import typing
from collections.abc import Iterable

from kerasseq.data import CaptionedImages, describe_batches, emoji
from kerasseq.data.captioned_images import file_name
from kerasseq.files import write_file
from kerasseq.metrics.bleu_tokenizers import check_tokenize
from kerasseq.models import copy_model
from kerasseq.recipes.build import ENCODER_TOKENIZERS, build_model, build_search, build_tokenizer
from kerasseq.recipes.corpora import PARTS, build_data, one_file
from kerasseq.recipes.course import EXAMPLES, Course, Ready
from kerasseq.tasks import Captioner
from kerasseq.training import TranslationMetrics

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.data.dataset import Dataset
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask
    from kerasseq.text.tokenizer import Tokenizer

LONGEST = 40  # tokens of a caption, where a recipe does not say
MODELS = ("ImageCaptioner",)
TOKENIZERS = {kind: name for kind, name in ENCODER_TOKENIZERS.items() if kind != "wordpiece"}


class CaptionerCourse(Course):
    """A model that learns to say what images show; see `Course`.

    A file of captions has a row an image, with the columns `image` and `caption`, or those of
    `data.columns`; an image's path begins in the file's folder, or in `data.images` below it. What
    a share holds out follows from the files' names.
    """

    kind: type[AnyTask] = Captioner
    unit: str = CaptionedImages.unit
    later: tuple[str, ...] = tuple(f"val_{name}" for name in TranslationMetrics.NAMES)

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.settings: dict[str, typing.Any] = recipe["task"]
        self.of_bleu: dict[str, typing.Any] = {
            "tokenize": self.settings.get("bleu_tokenize", "13a"),
            "lowercase": self.settings.get("lowercase", False),
        }

    def check(self) -> None:
        check_tokenize(self.of_bleu["tokenize"])

    def data(self, parts: Iterable[str] = PARTS) -> Dataset:
        return build_data(self.recipe["data"], parts, self._read, _named, _draw)

    def _read(self, section, part):
        if part not in section:
            return None
        path, columns = one_file(section, part), section.get("columns", ())
        if columns and (len(columns) != 2 or not all(isinstance(each, str) for each in columns)):
            raise ValueError(
                "Expected data.columns to name two columns, the images' and the captions'; "
                f"received {columns}. Name them as the table's first row does."
            )
        folder = path.parent / section.get("images", "")
        encoding = section.get("encoding", "utf-8")
        return CaptionedImages.from_table(path, *columns, folder=folder, encoding=encoding)

    def load_start(self, folder: str, corpus: Dataset) -> Captioner:
        task = Captioner.load(folder)
        dtype = self.training.get("precision")
        task.model = copy_model(task.model, **({"dtype": dtype} if dtype else {}))
        return task

    def train_tokenizers(self, corpus: typing.Any) -> dict[str, Tokenizer]:
        section = self.recipe["tokenizer"]
        return {"tokenizer": build_tokenizer(section, "tokenizer", corpus.captions(), TOKENIZERS)}

    def get_ready(
        self, corpus: Dataset, tokenizers: dict[str, Tokenizer], start: typing.Any = None
    ) -> Ready:
        recipe, tokenizer = self.recipe, tokenizers["tokenizer"]
        model = start.model if start else build_model(
            recipe["model"] | {"dtype": self.training.get("precision", "float32")},
            tokenizer.vocabulary_size, kinds=MODELS,
        )  # fmt: skip
        search = start.search if start and "search" not in recipe else None
        longest = start.max_length if start else LONGEST
        task = Captioner(
            model,
            tokenizer,
            search or build_search(recipe.get("search", {"kind": "beam"})),
            self.settings.get("max_length", longest),
            examples=corpus.validation.paths[:EXAMPLES],
        )
        sizes = dict(recipe["batches"])
        augment, seed = sizes.pop("augment", False), self.training.get("seed", 0)
        batches = task.batches(corpus.train, shuffle=True, seed=seed, augment=augment, **sizes)
        validation = task.batches(corpus.validation, **sizes)
        return Ready(task, batches, validation, describe_batches(batches), [])

    def objective(self, task: typing.Any) -> dict[str, typing.Any]:
        return task.objective(self.training.get("label_smoothing", 0.0))

    def quality(self, task: typing.Any, validation: typing.Any) -> keras.callbacks.Callback | None:
        every = self.training.get("quality_every")
        return TranslationMetrics(task, validation, every, **self.of_bleu) if every else None

    def scores(
        self, task: typing.Any, corpus: typing.Any, run: pathlib.Path, part: str
    ) -> dict[str, typing.Any]:
        found = task.scores(corpus, **self.of_bleu)
        write_file(run / f"{part}.scores.json", json.dumps(found, indent=1) + "\n")
        return found


def _named(name, language="en"):
    """A data set of captioned images by its name."""
    if name != "emoji":
        raise ValueError(
            f'Expected a data set of captioned images, "emoji"; received {name!r}. Choose it, or '
            "name files of your own: data.train, data.validation."
        )
    return emoji(language)


def _draw(corpus, part, share):
    """What stays and the part, by another hash of the files' names for each part."""
    return corpus.split([share], lambda path: f"{part} {file_name(path)}")
