"""How a recipe trains a forecaster."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable

from kerasseq.data.time_series import TimeSeries
from kerasseq.models import copy_model
from kerasseq.recipes.build import build_model
from kerasseq.recipes.callbacks import Scores
from kerasseq.recipes.corpora import PARTS, build_data, one_file
from kerasseq.recipes.course import EXAMPLES, Course, Ready
from kerasseq.tasks import Forecaster

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.data.dataset import Dataset
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask
    from kerasseq.text.tokenizer import Tokenizer

MODELS = ("RecurrentForecaster",)


class ForecasterCourse(Course):
    """A model that learns the future of a series from its past; see `Course`.

    `data.values` names the columns to forecast, `data.features` further ones that are read. What is
    held out by a share is the end of the series. The model reads each number's distance from its
    mean in the training steps, in standard deviations.
    """

    kind: type[AnyTask] = Forecaster
    unit: str = TimeSeries.unit
    best: str = "val_mean_absolute_error"

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.sizes: list[int] = [recipe["task"][name] for name in ("length", "horizon")]

    def data(self, parts: Iterable[str] = PARTS) -> Dataset:
        return build_data(self.recipe["data"], parts, self._read, draw=_draw)

    def _read(self, section, part):
        if part not in section:
            return None
        return TimeSeries.from_table(
            one_file(section, part),
            section["values"],
            *self.sizes,
            features=section.get("features", ()),
            encoding=section.get("encoding", "utf-8"),
        )

    def load_start(self, folder: str, corpus: Dataset) -> Forecaster:
        task = Forecaster.load(folder)
        dtype = self.training.get("precision")
        task.model = copy_model(task.model, **({"dtype": dtype} if dtype else {}))
        return task

    def train_tokenizers(self, corpus: typing.Any) -> dict[str, Tokenizer]:
        return {}

    def get_ready(
        self, corpus: Dataset, tokenizers: dict[str, Tokenizer], start: typing.Any = None
    ) -> Ready:
        task, train = start or self._new(corpus.train), corpus.train
        examples = itertools.islice(corpus.validation.series(), EXAMPLES)
        task.examples = [tuple(part.tolist() for part in each) for each in examples]
        size, seed = self.recipe["batches"].get("batch_size", 32), self.training.get("seed", 0)
        batches = task.batches(train, size, shuffle=True, seed=seed)
        whole, rest = divmod(len(train), size)
        shape = self.sizes[0], self.sizes[1]
        shapes = {(size, *shape): whole} | ({(rest, *shape): 1} if rest else {})
        report = {
            "batches": sum(shapes.values()),
            "rows": len(train),
            "shapes": {key: count for key, count in shapes.items() if count},
        }
        return Ready(task, batches, task.batches(corpus.validation, size), report, [])

    def _new(self, train):
        scales, count = train.scales(), train.num_values
        model = build_model(
            self.recipe["model"] | {"dtype": self.training.get("precision", "float32")},
            len(scales), count, kinds=MODELS,
        )  # fmt: skip
        names = {"scales": scales, "value_scales": scales[:count], "columns": train.columns}
        return Forecaster(model, *self.sizes, **names)

    def quality(self, task: typing.Any, validation: typing.Any) -> keras.callbacks.Callback | None:
        return Scores(task, validation)


def _draw(corpus, part, share):
    return corpus.split(share)
