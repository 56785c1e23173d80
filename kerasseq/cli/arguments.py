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
