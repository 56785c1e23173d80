"""The arguments that several commands have."""

import pathlib
from typing import Annotated

import typer

from kerasseq.saved_models import model_folder, named_models

Encoding = Annotated[str, typer.Option(help="Of the lines that are read.")]
Run = Annotated[pathlib.Path | None, typer.Option(help="Run folder; by default runs/RECIPE.")]
Search = Annotated[str | None, typer.Option(help="greedy, beam or sampling; default: its own.")]
Scores = Annotated[bool, typer.Option(help="Print the score before each line.")]
Lines = Annotated[pathlib.Path | None, typer.Option("--file", help="A text file, one line each.")]


def a_model(help):
    """An argument: a path, also of a run, or the name of an installed model, which becomes a
    folder.

    Args:
        help: str, what is expected there.

    Returns:
        typer.models.ArgumentInfo.
    """
    return typer.Argument(
        parser=model_folder,
        metavar="MODEL",
        autocompletion=lambda: list(named_models()),
        help=f"{help}; or a run, or a model's name.",
    )


def read_pairs(paths, source, target, encoding):
    """The pairs of a table or of two files of lines, read without TensorFlow; None for no path.

    Args:
        paths: list of paths.
        source, target: str, columns of a table, by name or number; None to find them.
        encoding: str; None for UTF-8.
    """
    from kerasseq.data.pair_readers import PairReaders

    if not paths:
        return None
    if len(paths) == 1:
        from kerasseq.recipes.columns import pair_columns

        named = (int(each) if each.isdigit() else each for each in (source or "0", target or "1"))
        columns = named if source or target else pair_columns(*paths, encoding or "utf-8")
        return PairReaders.from_table(*paths, *columns, encoding=encoding)
    if len(paths) == 2:
        return PairReaders.from_files(*paths, encoding=encoding or "utf-8")
    raise ValueError(
        f"Expected a table or two files of lines; received {len(paths)} paths. Name the source "
        "and the target."
    )
