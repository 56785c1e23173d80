"""The pairs that are at hand: those of a recipe, of a table, or of two files of lines."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Iterable, Sequence

from kerasseq.meant import meant
from kerasseq.recipes.corpora import PARTS, build_data
from kerasseq.recipes.project import in_parts, read_files, without_repetitions
from kerasseq.recipes.project_kinds import PAIRS
from kerasseq.recipes.recipe import list_recipes, load_recipe
from kerasseq.recipes.sections import kind_of
from kerasseq.saved_models import is_project

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText
    from kerasseq.recipes.sections import Recipe


class Given(typing.NamedTuple):
    """Pairs in three parts.

    Attributes:
        train, validation: ParallelText.
        test: ParallelText, or None.
        recipe: dict of sections, whose data they are; None for files.
        left_out: dict from reasons to pairs that were left out.
    """

    train: ParallelText
    validation: ParallelText
    test: ParallelText | None
    recipe: Recipe | None = None
    left_out: dict[str, int] = {}  # noqa: RUF012

    @property
    def parts(self) -> dict[str, ParallelText]:
        """The parts that there are, by their names."""
        found = dict(zip(PARTS, self[:3], strict=True))
        return {name: part for name, part in found.items() if part is not None}

    @property
    def held_out(self) -> list[ParallelText]:
        """The parts to measure with."""
        return [part for name, part in self.parts.items() if name != "train"]


def is_recipe(data: Sequence[str]) -> bool:
    """Whether names are that of a recipe: of the package, a TOML file's, or a project's folder."""
    if len(data) != 1:
        return False
    path = pathlib.Path(data[0])
    return data[0] in list_recipes() or path.suffix == ".toml" or is_project(path)


def pairs_recipe(name: str, overrides: Iterable[str] = ()) -> Recipe:
    """The recipe of a translator, by its name or path, as `load_recipe` reads it.

    Raises:
        FileNotFoundError: for an unknown name.
        ValueError: for another kind of recipe, or one that cannot be read.
    """
    recipe = load_recipe(name, overrides)
    if kind_of(recipe) != "translator":
        raise ValueError(
            f"Expected the recipe of a translator; received {name}, of a {kind_of(recipe)}. Name "
            "another."
        )
    return recipe


def read_given(
    data: Sequence[str],
    *,
    overrides: Iterable[str] = (),
    source: str | None = None,
    target: str | None = None,
    encoding: str = "utf-8",
    seed: int = 0,
) -> Given:
    """Reads pairs. TensorFlow is not imported.

    Args:
        data: a recipe of a translator, by its name or path; or a table (`.csv`, `.tsv`, `.jsonl`,
            `.parquet`); or two files, of lines and their translations. Files are split in three as
            `kerasseq new` splits them.
        overrides: iterable of `"section.key=value"`, over the recipe's.
        source, target: columns of the table, by name or number from 0; found out by default.
        encoding: str, of files.
        seed: int, of the split of files.

    Returns:
        Given.

    Raises:
        FileNotFoundError: for a missing recipe or file.
        ValueError: for another kind of recipe, or files that hold no pairs.
    """
    if is_recipe(data):
        recipe = pairs_recipe(data[0], overrides)
        # Joined pairs follow from the others, whatever these are.
        section = {key: value for key, value in recipe["data"].items() if key != "joined"}
        found = build_data(section)
        return Given(found.train, found.validation, found.test, recipe)
    if len(data) not in (1, 2):
        raise ValueError(
            f"Expected a recipe, a table, or two files of lines; received {len(data)} names. Name "
            "the source and the target."
        )
    for path in data:
        if not pathlib.Path(path).exists():
            raise FileNotFoundError(
                f"Expected a recipe of {', '.join(list_recipes())}, a TOML file, or files of "
                f"pairs; received {path}, where nothing is. {meant(path, list_recipes())}Check "
                "the name or the path."
            )
    kind, corpus, _ = read_files(data, source=source, target=target, encoding=encoding)
    if kind is not PAIRS:
        raise ValueError(
            f"Expected texts and their translations in {data[0]}; received labelled texts. Name "
            "the columns by --source and --target, or two files of lines."
        )
    rows, left_out = without_repetitions(kind, corpus)
    return Given(**in_parts(kind.corpus(rows)), left_out=left_out)
