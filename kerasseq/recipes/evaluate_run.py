"""Scores of a run's task on the parts of its data that it was not trained on."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Iterator

from kerasseq.recipes.corpora import HELD_OUT
from kerasseq.recipes.courses import course_of

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask


def evaluate_run(
    task: AnyTask, recipe: Recipe, run: AnyPath
) -> Iterator[tuple[str, dict[str, typing.Any]]]:
    """Scores the validation and test parts of a recipe's data, and writes to its run folder.

    A recipe of files without a test part has no test.

    Yields:
        pairs of the part's name and its scores; see `evaluate`, and `scores` of other tasks than
        translators.
    """
    course = course_of(recipe)
    corpus = course.data(HELD_OUT)
    for part in HELD_OUT:
        held_out = getattr(corpus, part)
        if held_out is not None:
            yield part, course.scores(task, held_out, pathlib.Path(run), part)
