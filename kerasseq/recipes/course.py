"""What a recipe of one kind of task trains, and how: its data, its batches, its scores."""

from __future__ import annotations

import json
import pathlib
import typing
from collections.abc import Iterable

from kerasseq.files import write_file
from kerasseq.processes import ALONE, Process
from kerasseq.recipes.corpora import PARTS

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.data.dataset import Dataset
    from kerasseq.data.prefetch import Batches
    from kerasseq.doctor import Finding
    from kerasseq.recipes.prepare import Prepared
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask
    from kerasseq.text.tokenizer import Tokenizer

    Tokenizers: typing.TypeAlias = dict[str, Tokenizer]

EXAMPLES = 200  # held-out inputs that a trained task keeps, to check its exports with


class Ready(typing.NamedTuple):
    """What is ready to be trained.

    Attributes:
        task: Task of a model that is new, or that another run has trained.
        batches, validation: `tf.data.Dataset`, as `model.fit` takes them.
        report: dict, what `kerasseq.data.describe_batches` counts of the batches.
        lines: list of str, what the log says of them.
        prepared: Prepared, the ids of which the batches are made; None where text is read.
    """

    task: AnyTask
    batches: Batches
    validation: Batches
    report: dict[str, typing.Any]
    lines: list[str]
    prepared: Prepared | None = None


class Course:
    """How a recipe trains a task of one kind.

    A subclass sets `kind`, and implements what raises NotImplementedError here.

    Args:
        recipe: dict of sections.

    Attributes:
        kind: class of the task, whose `name` is that of its folder in a run.
        best: str, the score in the logs of an epoch by which the best one is known.
        mode: "min" or "max", whether less or more of it is better.
        unit: str, what a row of its data is called, in the plural.
        later: tuple of str, scores that an epoch may lack.
        parts: tuple of str, the parts of its data that training reads as text.
        process: Process, this one of several that train as one.
    """

    kind: type[AnyTask]
    best: str = "val_perplexity"
    mode: typing.Literal["min", "max"] = "min"
    unit: str = "rows"
    later: tuple[str, ...] = ()
    parts: tuple[str, ...] = PARTS

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.process: Process = ALONE
        self.training: dict[str, typing.Any] = recipe["training"]

    def check(self) -> None:
        """Refuses what cannot work, before anything is read."""
        if self.process.count > 1:
            raise ValueError(
                f"Expected a translator to train in several processes; received the recipe of a "
                f"{self.kind.name}. Train it in one."
            )

    def data(self, parts: Iterable[str] = PARTS) -> Dataset:
        """The recipe's data; other parts of the user's files than these are None."""
        raise NotImplementedError(f"{type(self).__name__} must implement data.")

    def examine(self, corpus: Dataset) -> list[Finding]:
        """What is wrong with the data, before a task reads it."""
        return []

    def load_start(self, folder: str, corpus: Dataset) -> AnyTask:
        """The task of a folder, from which the run starts.

        Args:
            folder: str, the path of the folder of `[start]`.
            corpus: Dataset.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement load_start.")

    def train_tokenizers(self, corpus: typing.Any) -> Tokenizers:
        """New tokenizers of the training text, by their sides."""
        raise NotImplementedError(f"{type(self).__name__} must implement train_tokenizers.")

    def get_ready(
        self, corpus: Dataset, tokenizers: Tokenizers, start: AnyTask | None = None
    ) -> Ready:
        """The task, with batches of its data.

        Args:
            corpus: Dataset.
            tokenizers: dict of Tokenizer by side.
            start: Task to go on with; None for a new one.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement get_ready.")

    def objective(self, task: AnyTask) -> dict[str, typing.Any]:
        """The loss and the metrics: a dict of arguments for `model.compile`."""
        return task.objective()

    def quality(self, task: AnyTask, validation: typing.Any) -> keras.callbacks.Callback | None:
        """A callback that measures real answers on validation text; None for none."""
        return None

    def looked_at(
        self, task: AnyTask, validation: typing.Any, quality: keras.callbacks.Callback | None
    ) -> dict[str, typing.Any]:
        """What the doctor looks at while training: arguments of `kerasseq.training.Doctor`."""
        return {}

    def scores(
        self, task: AnyTask, corpus: typing.Any, run: pathlib.Path, part: str
    ) -> dict[str, typing.Any]:
        """Scores a task on a part of the data, and writes `{part}.scores.json` to the run folder.

        Returns:
            dict of JSON values.
        """
        found = task.scores(corpus) | {corpus.unit: len(corpus)}
        write_file(run / f"{part}.scores.json", json.dumps(found, indent=1) + "\n")
        return found
