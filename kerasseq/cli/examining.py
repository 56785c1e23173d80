"""The command that says what is wrong with a corpus or a run."""

import pathlib
import sys
from typing import Annotated

import typer

from kerasseq.cli.arguments import read_pairs
from kerasseq.cli.checks import check_data, check_files, check_run
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.data.dataset import NAMED
from kerasseq.recipes.recipe import list_recipes, load_recipe
from kerasseq.saved_models import is_project


def doctor(
    subject: Annotated[
        list[str],
        typer.Argument(
            help="A table (.csv, .tsv, .jsonl, .parquet); two files of lines; a data set "
            f"({', '.join(NAMED)}); a recipe, its TOML file or its folder; or a run folder."
        ),
    ],
    validation: Annotated[
        list[pathlib.Path] | None,
        typer.Option(help="A table like the first, or twice for two files: held-out pairs."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Column of a table, by name or number; or a language.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The same of the target.")] = None,
    max_length: Annotated[
        int | None, typer.Option(min=2, help="The most tokens of a side that training reads.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of lines and tables; default: utf-8.")
    ] = None,
):
    """Say what is wrong with pairs to train on, or with a run; exit status 1 where something is."""
    name = subject[0]
    path = pathlib.Path(name)
    if len(subject) == 1 and path.is_dir() and not is_project(path):
        check_run(path)
        load_backend()
        from kerasseq.reports import examine_run

        found = examine_run(path)
    elif (
        len(subject) == 1
        and (name in list_recipes() or path.suffix == ".toml" or path.is_dir())
        and not (name in NAMED and (source or target))
    ):
        recipe = load_recipe(name)
        check_data(recipe["data"])
        load_backend()
        from kerasseq.reports import examine_recipe

        found = examine_recipe(recipe)
    elif len(subject) == 1 and name in NAMED:
        load_backend()
        from kerasseq.data import load
        from kerasseq.doctor import examine

        parts = load(name, source, target)
        found = examine(parts.train, parts.validation, longest=max_length)
    else:
        from kerasseq.doctor import examine

        files = [pathlib.Path(each) for each in subject], validation or []
        check_files(*files[0], *files[1])
        train, held_out = (read_pairs(each, source, target, encoding) for each in files)
        found = examine(train, held_out, longest=max_length)
    for each in found:
        print(f"{each.name}: {each.sentence}")
    if found:
        raise typer.Exit(1)
    print("nothing found", file=sys.stderr)
