"""The command line: a dictionary of commands over `kerasseq.recipes`."""

import functools
import json
import os
import pathlib
import sys
from typing import Annotated

import typer

from kerasseq.cli.checks import (
    QUANTIZATIONS,
    SEARCHES,
    check_choice,
    check_data,
    check_files,
    check_new,
    check_start,
    check_task,
    check_translators,
)
from kerasseq.cli.looking import compare, plot, report
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import DEBUG, prepare_streams, spoken, take_debug
from kerasseq.cli.serving import serve
from kerasseq.recipes.recipe import list_recipes

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value, over the recipe's.")
]
Run = Annotated[pathlib.Path | None, typer.Option(help="Run folder; by default runs/RECIPE.")]
Model = Annotated[pathlib.Path, typer.Argument(help="Folder of a saved translator.")]
Encoding = Annotated[str, typer.Option(help="Of the lines that are read.")]
Search = Annotated[str | None, typer.Option(help="greedy, beam or sampling; default: its own.")]


def quickstart(run: Run = None):
    """Train a number translator, look at it, export it: one minute on two cores."""
    check_new(run)
    load_backend()
    from kerasseq.recipes.quickstart import quickstart

    quickstart(run or pathlib.Path("runs/quickstart"), _console())


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
        check_start(pathlib.Path(chosen["start"]["folder"]))
    folder = run or pathlib.Path("runs") / pathlib.Path(recipe).stem
    check_new(folder)
    load_backend()
    from kerasseq.recipes import tensorboard_logs, train
    from kerasseq.recipes.evaluate import evaluate_run
    from kerasseq.recipes.run_log import RunLog

    callbacks = [tensorboard_logs(folder)] if tensorboard else []
    console = _console()
    log = RunLog(folder, console)
    translator = train(chosen, folder, callbacks, console=console)
    for part, scores in evaluate_run(translator, chosen, folder):
        log(_line(part, scores))
    log(f"saved: {folder / 'translator'}")


def translate(
    model: Model,
    text: Annotated[list[str] | None, typer.Argument(help="Lines; default: --file, stdin.")] = None,
    file: Annotated[pathlib.Path | None, typer.Option(help="A text file, one line each.")] = None,
    search: Search = None,
    scores: Annotated[bool, typer.Option(help="Print the score before each line.")] = False,
    prefix: Annotated[str | None, typer.Option(help="What each translation begins with.")] = None,
    alignments: Annotated[
        bool, typer.Option(help="Print source-target pairs after each line (Pharaoh format).")
    ] = False,
    encoding: Encoding = "utf-8",
):
    """Translate lines: arguments, a file, or standard input."""
    from rich.progress import Progress

    from kerasseq.data.lines import cut_lines, read_lines

    check_translators(model)
    check_choice("--search", search, SEARCHES)
    check_files(file)
    if not text and not file and sys.stdin is None:
        raise ValueError("Expected lines, --file, or standard input; received none. Give some.")
    # A file is read to its end first: its last line may be in another encoding.
    count = sum(1 for _ in read_lines(file, encoding)) if file else None
    read = read_lines(file, encoding) if file else None
    lines = text or read or cut_lines(sys.stdin.buffer, "standard input", encoding)
    load_backend()
    from kerasseq import Translator, decoding

    translator = Translator.load(model)
    chosen = translator.search if search is None else decoding.get(search)
    chosen = chosen.replace(return_attention=alignments)
    # Translations that scroll past on the terminal are progress enough.
    hidden = not file or sys.stdout.isatty()
    with Progress(console=_console(), transient=True, redirect_stdout=False, disable=hidden) as bar:
        task = bar.add_task("translating", total=count)
        options = {"progress": functools.partial(bar.advance, task), "prefix": prefix}
        for hypotheses in translator.translate(lines, chosen, **options):
            best = hypotheses[0]
            columns = [f"{best.score:.4f}"] if scores else []
            columns += [best.text, best.alignment()] if alignments else [best.text]
            print("\t".join(columns), flush=not file)


def evaluate(
    model: Model,
    source: Annotated[pathlib.Path, typer.Argument(help="Source lines.")],
    target: Annotated[pathlib.Path, typer.Argument(help="Reference lines.")],
    search: Search = None,
    tokenize: Annotated[str, typer.Option(help="sacreBLEU's tokenizer.")] = "13a",
    lowercase: Annotated[bool, typer.Option(help="Compare without case.")] = False,
    encoding: Encoding = "utf-8",
):
    """Translate a file and score it against references."""
    check_translators(model)
    check_choice("--search", search, SEARCHES)
    check_files(source, target)
    load_backend()
    from kerasseq import Translator
    from kerasseq.data import ParallelText
    from kerasseq.recipes import evaluate

    corpus = ParallelText.from_files(source, target, encoding=encoding)
    options = {"tokenize": tokenize, "lowercase": lowercase, "search": search}
    scores = evaluate(Translator.load(model), corpus, **options)
    print(_line(source.name, scores))
    print(scores["signature"])


def ensemble(
    folder: Annotated[pathlib.Path, typer.Argument(help="New folder for the joint translator.")],
    members: Annotated[list[pathlib.Path], typer.Argument(help="Folders of translators.")],
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
    model: Annotated[pathlib.Path, typer.Argument(help="Folder of a saved task.")],
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
        translate,
        evaluate,
        compare,
        ensemble,
        export,
        serve,
        plot,
        report,
        data,
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


def _console():
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def _line(part, scores):
    return (
        f"{part}: BLEU {scores['bleu']:.2f}, chrF {scores['chrf']:.1f}, exact "
        f"{scores['exact_match']:.1%}, perplexity {scores['perplexity']:.2f}, "
        f"{scores['lines']} lines, {scores['repeating']:.1%} repeat themselves"
    )
