"""The folder of pairs that a teacher made: what is learned from, what is dropped, and a recipe."""

from __future__ import annotations

import collections
import itertools
import json
import math
import pathlib
import typing
from collections.abc import Callable, Iterable

from kerasseq.files import new_folder
from kerasseq.recipes.measures import LOOKED_AT, measure
from kerasseq.saved_models import project_recipe
from kerasseq.synthetic.drops import judge, least_score
from kerasseq.synthetic.student import student_recipe

if typing.TYPE_CHECKING:
    from kerasseq.bulk.work_folder import WorkFolder
    from kerasseq.synthetic.given import Given

    # From a text and its translation to a source and a target.
    Pair: typing.TypeAlias = Callable[[str, str], tuple[str, str]]

TRANSLATED, ORIGINAL, DROPPED = "translated.jsonl", "original.jsonl", "dropped.jsonl"


class Made(typing.NamedTuple):
    """What was written.

    Attributes:
        recipe: pathlib.Path of the recipe.
        sentence: str, what the pairs are that are learned from.
        dropped: dict from reasons to rows that were dropped.
        threshold: float, the score below which a translation was among the worst.
        weights: list of float, how often an epoch reads the translated and the original pairs;
            None without the original ones.
        parts: dict from the files' names to their rows.
    """

    recipe: pathlib.Path
    sentence: str
    dropped: dict[str, int]
    threshold: float
    weights: list[float] | None
    parts: dict[str, int]


def write_folder(
    folder: pathlib.Path,
    work: WorkFolder,
    given: Given,
    pair: Pair,
    *,
    worst: float,
    least: float | None,
    original: float | None,
    **student: typing.Any,
) -> Made:
    """Writes a folder, whole or not at all, of what is answered in another.

    Args:
        folder: path of a new folder.
        work: WorkFolder, of which all parts are answered.
        given: Given.
        pair: function from a text and its translation to a source and a target.
        worst, least, original: as of `distil` and `backtranslate`.
        **student: options of `student_recipe`.

    Returns:
        Made.

    Raises:
        ValueError: when no translation is left.
    """
    least = -math.inf if least is None else least
    scores = [each.score for each in judge(work.answers(), least=least) if each.reason is None]
    if not scores:
        found = collections.Counter(each.reason for each in judge(work.answers(), least=least))
        said = ", ".join(f"{count:,} {reason}" for reason, count in found.items())
        raise ValueError(
            f"Expected translations to learn from; received {said or 'no text'}. Lower the least "
            "score, or look at the texts and the teacher."
        )
    threshold = least_score(scores, worst)
    dropped, shown = collections.Counter(), []

    def rows():
        """The pairs, while the others are written apart."""
        with (beside / DROPPED).open("w", encoding="utf-8") as apart:
            for each in judge(work.answers(), threshold, least):
                if each.reason is not None:
                    dropped[each.reason] += 1
                    apart.write(_line(each._asdict()))
                    continue
                found = pair(each.text, each.translation)
                if len(shown) < LOOKED_AT:
                    shown.append(found)
                yield *found, each.score

    with new_folder(folder) as beside:
        made = _write(beside / TRANSLATED, ("source", "target", "score"), rows())
        parts = {TRANSLATED: made, DROPPED: dropped.total()}
        weights = times_to_read(made, len(given.train), original)
        files = {"train": [TRANSLATED, ORIGINAL] if weights else TRANSLATED}
        for part, corpus in given.parts.items():
            path = ORIGINAL if part == "train" else f"{part}.jsonl"
            if part != "train" or weights:
                files.setdefault(part, path)
                parts[path] = _write(beside / path, ("source", "target"), corpus)
        sides = [shown, given.train] if weights else [shown]
        looked_at = [
            row for side in sides for row in itertools.islice(side, LOOKED_AT // len(sides))
        ]
        learned = made + len(given.train) * bool(weights)
        measures = measure(looked_at, "pairs")._replace(count=learned)
        data = {"folder": "."} | files | {"source": "source", "target": "target"}
        text = student_recipe(measures, data, weights, **student)
        recipe = project_recipe(folder).name
        (beside / recipe).write_text(text, encoding="utf-8")
    return Made(folder / recipe, measures.sentence, dict(dropped), threshold, weights, parts)


def times_to_read(made: int, given: int, original: float | None) -> list[float] | None:
    """How often an epoch reads the pairs that were made, and those that were given.

    Args:
        made, given: int, how many there are.
        original: float, how often the given ones are read, and the made ones once; None to read
            whichever are fewer so often that an epoch has as many of each.

    Returns:
        list of two float; None without the given ones.
    """
    if original is None:
        return [round(max(1.0, given / made), 2), round(max(1.0, made / given), 2)]
    return [1.0, float(original)] if original else None


def _write(path, columns, rows: Iterable[tuple[typing.Any, ...]]):
    """Writes rows as JSON Lines; returns how many there were."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            count += 1
            file.write(_line(dict(zip(columns, row, strict=True))))
    return count


def _line(values):
    return json.dumps(values, ensure_ascii=False) + "\n"
