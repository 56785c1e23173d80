"""What the files of a run say is wrong with it."""

from __future__ import annotations

import csv
import pathlib
import re
import typing

import numpy as np

from kerasseq.doctor import Finding, check_losses, check_outputs, check_rates
from kerasseq.recipes.build import build_schedule, count_steps
from kerasseq.recipes.courses import course_of
from kerasseq.recipes.evaluate import read_evaluation
from kerasseq.recipes.recipe import load_recipe
from kerasseq.recipes.run_log import TOLD
from kerasseq.untrusted import door, read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe

RATES = 20  # of a run, that are looked at
LEFT_OUT = re.compile(
    r"(?:training|validation): (.+\((\d+\.\d)%\) pairs (are longer|have an empty).+)"
)
KINDS = {"are longer": "long lines", "have an empty": "empty sides"}
MOST = 1.0  # per cent of the pairs; see `kerasseq.data.left_out`


def examine_recipe(recipe: Recipe) -> list[Finding]:
    """Finds what is wrong with the data of a recipe; see `kerasseq.doctor.examine` and
    `examine_labels`. Of words and answers nothing is said.

    Raises:
        ValueError, OSError: for data that cannot be read.
    """
    course = course_of(recipe)
    return course.examine(course.data())


@door("a run that kerasseq train filled", "Name the folder of another.")
def examine_run(run: AnyPath) -> list[Finding]:
    """Finds what is wrong with a run, by its files: what its log says, its losses, its learning
    rate, and the translations that were scored.

    Args:
        run: path of a run folder that `kerasseq train` filled, to its end or not.

    Returns:
        list of Finding, one of each kind at most.

    Raises:
        FileNotFoundError: for a folder without `recipe.toml`.
        ValueError: for files that are no run's.
    """
    run = pathlib.Path(run)
    recipe = load_recipe(run / "recipe.toml")
    found = {}
    for each in _of_log(run) + _of_rates(run, recipe) + _of_losses(run) + _of_outputs(run):
        found.setdefault(each.name, each)
    return list(found.values())


def _of_log(run):
    """What the doctor said while it ran, and what was left out."""
    path, found = run / "log.txt", []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        line = line.partition("  ")[2]  # behind the time
        if told := TOLD.fullmatch(line):
            found.append(Finding(*told.groups()))
        elif (left := LEFT_OUT.fullmatch(line)) and float(left[2]) > MOST:
            found.append(
                Finding(
                    KINDS[left[3]],
                    f"Expected to learn from nearly all pairs; received {left[1]}. See max_length, "
                    "and whether the files are aligned.",
                )
            )
    return found


def _of_rates(run, recipe):
    path = run / "batches.json"
    if not path.is_file():
        return []
    steps = count_steps(recipe["training"], read_json(path)["batches"])
    schedule = build_schedule(recipe["training"], steps)
    if not callable(schedule):
        return []
    return check_rates([float(schedule(step)) for step in np.linspace(0, steps - 1, RATES)])


def _of_losses(run):
    path = run / "history.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return check_losses([float(row["loss"]) for row in csv.DictReader(file)])


def _of_outputs(run):
    for part in ("validation", "test"):
        if (run / f"{part}.hypotheses.txt").is_file():
            try:
                sources, references, hypotheses = read_evaluation(run, part)
            except (OSError, ValueError) as error:  # it was moved, or has changed
                return [Finding("data", f"The data of the run cannot be read. {error}")]
            return check_outputs(sources, hypotheses, references)
    return []
