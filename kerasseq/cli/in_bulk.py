"""The command that translates a file of any length."""

import pathlib
import time
from typing import Annotated

import typer

from kerasseq.bulk.formats import open_rows
from kerasseq.bulk.translate_file import translate_file
from kerasseq.cli.arguments import Encoding
from kerasseq.cli.checks import check_bulk, check_export
from kerasseq.cli.saying import console
from kerasseq.extras import check_extra


def bulk(
    export: Annotated[pathlib.Path, typer.Argument(help="A translator's SavedModel.")],
    input: Annotated[pathlib.Path, typer.Argument(help="Lines, or .csv, .tsv, .jsonl, .parquet.")],
    output: Annotated[pathlib.Path, typer.Argument(help="A new file of the same kind.")],
    options: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- BEAM]", help="Beam's options: --runner=FlinkRunner …"),
    ] = None,
    column: Annotated[str | None, typer.Option(help="Where the text is, by name.")] = None,
    name: Annotated[str, typer.Option(help="Of the column that is added.")] = "translation",
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    together: Annotated[int, typer.Option(min=1, help="Texts of a batch.")] = 64,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say nothing but errors and warnings.")
    ] = False,
    encoding: Encoding = "utf-8",
):
    """Translate a file of any length with an export, on Apache Beam; goes on where it was ended."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    export = check_export(export)
    check_bulk(input, output)
    rows = open_rows(input, column, name, encoding)
    # A file is read to its end first: its last line may be in another encoding.
    count = sum(1 for _ in rows.texts())
    check_extra("bulk")
    screen, began, first = console(), time.monotonic(), None
    figures = TextColumn("{task.fields[figures]}", markup=False)
    columns = TextColumn("translating"), BarColumn(20), TaskProgressColumn(), figures
    hidden = quiet or not screen.is_terminal
    with Progress(*columns, console=screen, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=count, figures="")

        def progress(done):
            nonlocal first
            first = first or done
            bar.update(task, completed=done.rows, figures=_pace(first, done, began))

        def say(line):
            screen.print(line, markup=False)

        done = translate_file(
            export, rows, output, count=count, workers=workers, together=together,
            options=options or (), progress=progress, say=say,
        )  # fmt: skip
    if not quiet:
        seconds = time.monotonic() - began
        pace = _pace(first, done, began)
        screen.print(f"{done.rows:,} lines in {seconds:.0f} s: {pace}", markup=False)
    if done.apart:
        screen.print(
            f"{done.apart:,} without a translation, or a whole one: {output}.apart.jsonl",
            markup=False,
        )
    print(output)


def _pace(first, done, began):
    """What is done a second since the first look."""
    seconds = max(time.monotonic() - began, 1e-3)
    lines, letters = done.rows - first.rows, done.characters - first.characters
    return f"{lines / seconds:,.0f} lines/s, {letters / seconds:,.0f} characters/s"
