"""The command line: a dictionary of commands over `kerasseq.recipes`."""

import os
import pathlib
import sys
from importlib import metadata
from typing import Annotated

import typer

from kerasseq import machine
from kerasseq.cli.aligning import align
from kerasseq.cli.answering import predict, translate
from kerasseq.cli.arguments import Encoding, Run, a_model
from kerasseq.cli.beginning import new
from kerasseq.cli.checks import (
    QUANTIZATIONS,
    check_choice,
    check_files,
    check_new,
    check_task,
    check_translators,
)
from kerasseq.cli.evaluating import evaluate
from kerasseq.cli.examining import doctor
from kerasseq.cli.in_bulk import bulk
from kerasseq.cli.looking import compare, models, plot, report
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import DEBUG, console, prepare_streams, spoken, take_debug
from kerasseq.cli.serving import serve
from kerasseq.cli.sharing import push
from kerasseq.cli.teaching import backtranslate, distil
from kerasseq.cli.training import check_options, prepare, train
from kerasseq.data.dataset import NAMED
from kerasseq.export.target import check_target

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


HELP = "Sequence-to-sequence models and BERT for Keras: your text in, a served model out."


def quickstart(run: Run = None):
    """Train a number translator, look at it, export it: one minute on two cores."""
    check_new(run)
    machine.for_training()
    load_backend()
    from kerasseq.recipes.quickstart import quickstart

    quickstart(run or pathlib.Path("runs/quickstart"), console())


def ensemble(
    folder: Annotated[pathlib.Path, typer.Argument(help="New folder for the joint translator.")],
    members: Annotated[list[pathlib.Path], a_model("Folders of translators")],
):
    """Join translators that share both tokenizers: they decode as one."""
    if folder.exists():
        raise FileExistsError(
            f"Expected a new folder, then those of the members; received {folder}, which exists "
            "already. Name the new folder first."
        )
    if len(members) < 2:
        raise ValueError(
            f"Expected at least two members to join; received {len(members)}. Name more folders."
        )
    check_translators(*members)
    check_new(folder)
    load_backend()
    from kerasseq import Translator
    from kerasseq.tasks import ensemble

    ensemble([Translator.load(member) for member in members]).save(folder)
    print(folder)


def export(
    model: Annotated[pathlib.Path, a_model("A saved task's folder")],
    path: Annotated[pathlib.Path, typer.Argument(help="A new folder, or a .tflite file.")],
    quantize: Annotated[str | None, typer.Option(help="float16 or int8, for .tflite.")] = None,
    lines: Annotated[pathlib.Path | None, typer.Option(help="Held-out lines to check.")] = None,
    longest_source: Annotated[
        int | None, typer.Option(help="Tokens a translator's .tflite file reads; default: 64.")
    ] = None,
    encoding: Encoding = "utf-8",
):
    """Write a SavedModel or a .tflite file and compare it with Python."""
    from kerasseq.data.lines import read_lines

    check_task(model)
    check_choice("--quantize", quantize, QUANTIZATIONS)
    check_target(path, quantize)
    check_files(lines)
    held_out = list(read_lines(lines, encoding)) if lines else None
    if held_out == []:
        raise ValueError(f"Expected lines to check with in {lines}; received none. Add some.")
    load_backend()
    from kerasseq import Translator
    from kerasseq.tasks import load

    task, options = load(model), {}
    if longest_source is not None:
        if not isinstance(task, Translator):
            raise ValueError(
                f"Expected a translator with --longest-source; received {model}, a {task.name}. "
                "Leave it out."
            )
        options["longest_source"] = longest_source
    with console().status(f"writing {path}, and comparing its answers with Python's"):
        task.export(path, held_out, quantize=quantize, **options)


def data(
    name: Annotated[str, typer.Argument(help=f"{', '.join(NAMED)}.")],
    source: Annotated[str | None, typer.Option(help="Source language.")] = None,
    target: Annotated[str | None, typer.Option(help="Target language.")] = None,
    show: Annotated[int, typer.Option(help="Pairs to show of each part.")] = 3,
):
    """Fetch a named data set and show some of it."""
    check_choice("a data set", name, NAMED)
    from kerasseq.data import load

    found = load(name, source, target)
    for part in ("train", "validation", "test"):
        corpus = getattr(found, part)
        print(f"{part}: {len(corpus)} pairs")
        for pair in corpus.take(show):
            print("  " + "  →  ".join(pair))
    print(found.attribution)


COMMANDS = {
    command.__name__: command
    for command in (
        quickstart,
        new,
        train,
        prepare,
        translate,
        predict,
        bulk,
        evaluate,
        compare,
        ensemble,
        distil,
        backtranslate,
        export,
        serve,
        plot,
        report,
        models,
        push,
        data,
        align,
        doctor,
    )
}


def say_version(asked):
    """Prints the version where it is asked for, and ends."""
    if asked:
        print(f"kerasseq {metadata.version('kerasseq')}")
        raise typer.Exit


def with_version(
    version: Annotated[
        bool,
        typer.Option("--version", callback=say_version, is_eager=True, help="Print the version."),
    ] = False,
):
    """The options of the program itself."""


def main():
    """Runs the command line; an error is one line and an exit status."""
    prepare_streams()
    sys.argv[1:], debug = take_debug(sys.argv[1:])
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        epilog=f"{DEBUG}, anywhere: the traceback of an error.",
    )
    app.callback(help=HELP)(with_version)
    for name, command in COMMANDS.items():
        app.command(name)(spoken(command, debug))
    spoken(check_options, debug)(sys.argv[1:])
    spoken(app, debug)()
