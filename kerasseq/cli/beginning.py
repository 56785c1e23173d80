"""The command that begins a project with the user's texts."""

import pathlib
import shlex
import sys
from typing import Annotated

import typer

from kerasseq.cli.arguments import Encoding
from kerasseq.cli.checks import check_files, check_new
from kerasseq.saved_models import model_folder

ASKED = (
    "A table of pairs or of labelled texts (.csv, .tsv, .jsonl, .parquet), or two files of lines, "
    "a space between"
)


def new(
    folder: Annotated[pathlib.Path, typer.Argument(help="New folder, whose name is the recipe's.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(help="A table, labelled lines, or two files of lines; asked for if none."),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="Column of labelled texts; twice for pairs of texts.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="Column of their labels.")] = None,
    source: Annotated[str | None, typer.Option(help="Column of pairs, by name or number.")] = None,
    target: Annotated[str | None, typer.Option(help="The same of the translations.")] = None,
    header: Annotated[
        bool | None, typer.Option(help="Whether a table's first row has names; default: found out.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="Folder of a pretrained BERT, or of a translator to go on with."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the split into three parts.")] = 0,
    encoding: Encoding = "utf-8",
):
    """Begin with your own texts: look at them, split them in three, write a recipe."""
    if folder.is_file():
        raise ValueError(
            f"Expected a new folder, then the texts; received {folder}, a file. Name the folder "
            "first."
        )
    if not files:
        if sys.stdin is None or not sys.stdin.isatty():
            raise ValueError(
                "Expected a table, or two files of lines; received none. Name them behind the "
                "folder."
            )
        files = shlex.split(typer.prompt(ASKED, err=True))
    check_files(*map(pathlib.Path, files))
    check_new(folder)
    from kerasseq.recipes.project import new_project

    if start is not None:
        start = str(model_folder(start).resolve())
    made = new_project(
        folder,
        files,
        texts=text or (),
        label=label,
        source=source,
        target=target,
        header=header,
        encoding=encoding,
        start=start,
        seed=seed,
    )
    print(made.sentence + (f"; {made.columns}" if made.columns else ""))
    for reason, count in made.left_out.items():
        print(f"left out: {count:,} {reason}")
    for each in made.findings:
        print(f"doctor ({each.name}): {each.sentence}")
    counts = ", ".join(f"{count:,} {name}" for name, count in made.parts.items())
    print(f"{folder}: {counts}; no text stands in two")
    print(f"recipe: {made.recipe}, to be read and changed")
    print(f"next: kerasseq train {shlex.quote(str(made.recipe))}")
