"""The command line: a dictionary of commands over `kerasseq.recipes`."""

import json
import os
import pathlib
import sys
from typing import Annotated

import typer

from kerasseq.cli.answering import predict, translate
from kerasseq.cli.arguments import Encoding, a_model
from kerasseq.cli.checks import (
    QUANTIZATIONS,
    check_choice,
    check_data,
    check_files,
    check_new,
    check_start,
    check_task,
    check_translators,
)
from kerasseq.cli.evaluating import evaluate, line
from kerasseq.cli.examining import doctor
from kerasseq.cli.looking import compare, models, plot, report
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import DEBUG, console, prepare_streams, spoken, take_debug
from kerasseq.cli.serving import serve
from kerasseq.recipes.recipe import list_recipes
from kerasseq.saved_models import model_folder

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value, over the recipe's.")
]
Run = Annotated[pathlib.Path | None, typer.Option(help="Run folder; by default runs/RECIPE.")]


def quickstart(run: Run = None):
    """Train a number translator, look at it, export it: one minute on two cores."""
    check_new(run)
    load_backend()
    from kerasseq.recipes.quickstart import quickstart

    quickstart(run or pathlib.Path("runs/quickstart"), console())


def train(
    recipe: Annotated[str, typer.Argument(help=f"{', '.join(list_recipes())}; or a TOML file.")],
    run: Run = None,
    overrides: Overrides = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Folder of a translator to go on with.")
    ] = None,
    tensorboard: Annotated[bool, typer.Option(help="Write RUN/tensorboard too.")] = False,
):
    """Train a recipe into a run folder, or go on with an interrupted run."""
    from kerasseq.recipes.recipe import load_recipe

    from_folder = [] if start is None else [f"start.folder={json.dumps(start)}"]
    chosen = load_recipe(recipe, [*(overrides or ()), *from_folder])
    check_data(chosen["data"])
    if "start" in chosen:
        check_start(model_folder(chosen["start"]["folder"]))
    folder = run or pathlib.Path("runs") / pathlib.Path(recipe).stem
    check_new(folder)
    load_backend()
    from kerasseq.recipes import tensorboard_logs, train
    from kerasseq.recipes.evaluate import evaluate_run
    from kerasseq.recipes.run_log import RunLog

    callbacks = [tensorboard_logs(folder)] if tensorboard else []
    screen = console()
    log = RunLog(folder, screen)
    translator = train(chosen, folder, callbacks, console=screen)
    for part, scores in evaluate_run(translator, chosen, folder):
        log(line(part, scores))
    log(f"saved: {folder / 'translator'}")


def prepare(
    recipe: Annotated[str, typer.Argument(help="A recipe, or a TOML file, with data.prepared.")],
    overrides: Overrides = None,
):
    """Tokenise a recipe's training pairs once, into data.prepared, for the runs that name it."""
    from kerasseq.recipes.recipe import load_recipe

    chosen = load_recipe(recipe, overrides or ())
    check_data(chosen["data"])
    if "prepared" not in chosen["data"]:
        raise ValueError(
            f"Expected data.prepared, the folder to fill, in {recipe}; received none. Pass --set "
            "data.prepared=FOLDER."
        )
    check_new(pathlib.Path(chosen["data"]["prepared"]))
    load_backend()
    from kerasseq.recipes import prepare
    from kerasseq.recipes.start import load_start

    started = "start" in chosen
    found = prepare(chosen, load_start(chosen["start"]["folder"]) if started else None)
    for each in found.findings:
        print(f"{each.name}: {each.sentence}", file=sys.stderr)
    print(f"{len(found.ids):,} pairs in {chosen['data']['prepared']}")


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
    check_new(path)
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
    task.export(path, held_out, quantize=quantize, **options)


def data(
    name: Annotated[str, typer.Argument(help="numbers, multi30k or tatoeba.")],
    source: Annotated[str | None, typer.Option(help="Source language.")] = None,
    target: Annotated[str | None, typer.Option(help="Target language.")] = None,
    show: Annotated[int, typer.Option(help="Pairs to show of each part.")] = 3,
):
    """Fetch a named data set and show some of it."""
    check_choice("a data set", name, ("numbers", "multi30k", "tatoeba"))
    load_backend()
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
        train,
        prepare,
        translate,
        predict,
        evaluate,
        compare,
        ensemble,
        export,
        serve,
        plot,
        report,
        models,
        data,
        doctor,
    )
}


def main():
    """Runs the command line; an error is one line and an exit status."""
    prepare_streams()
    sys.argv[1:], debug = take_debug(sys.argv[1:])
    app = typer.Typer(
        help="Sequence-to-sequence models for Keras: text in, a served translator out.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        epilog=f"{DEBUG}, anywhere: the traceback of an error.",
    )
    for name, command in COMMANDS.items():
        app.command(name)(spoken(command, debug))
    spoken(app, debug)()
