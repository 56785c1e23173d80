"""The commands that train a recipe, and prepare its training text."""

import contextlib
import inspect
import json
import pathlib
import sys
from typing import Annotated

import typer

from kerasseq import machine
from kerasseq.cli.arguments import Run
from kerasseq.cli.checks import check_data, check_new, check_processes, check_start
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import console
from kerasseq.cli.scores import scores_line
from kerasseq.cli.watching import ended_at_once, is_watched, watch
from kerasseq.extras import check_extra
from kerasseq.processes import ALONE, join
from kerasseq.recipes.keys import SECTIONS
from kerasseq.recipes.recipe import find_recipe, list_recipes, load_recipe, refuse_another
from kerasseq.recipes.sections import kind_of
from kerasseq.saved_models import model_folder

Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value, over the recipe's.")
]


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            autocompletion=list_recipes,
            help=f"{', '.join(list_recipes())}; or a TOML file, or the folder that new wrote.",
        ),
    ],
    run: Run = None,
    overrides: Overrides = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help="Folder of a model to go on with, or of a pretrained BERT."),
    ] = None,
    processes: Annotated[
        int,
        typer.Option(
            min=1,
            envvar=["KERASSEQ_PROCESSES", "JAX_NUM_PROCESSES"],
            help="That train as one, under JAX.",
        ),
    ] = 1,
    process: Annotated[
        int | None,
        typer.Option(
            min=0, envvar=["KERASSEQ_PROCESS", "JAX_PROCESS_ID"], help="Of these this, from 0."
        ),
    ] = None,
    coordinator: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            envvar=["KERASSEQ_COORDINATOR", "JAX_COORDINATOR_ADDRESS"],
            help="Where process 0 is met.",
        ),
    ] = None,
    tensorboard: Annotated[bool, typer.Option(help="Write RUN/tensorboard too.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Epochs and scores as JSON lines on standard output.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say nothing but errors and warnings.")
    ] = False,
):
    """Train a recipe into a run folder, or go on with an interrupted run."""
    from_folder = [] if start is None else [f"start.folder={json.dumps(start)}"]
    chosen = load_recipe(recipe, [*(overrides or ()), *from_folder])
    check_data(chosen["data"])
    kind = kind_of(chosen)
    if "start" in chosen:
        check_start(model_folder(chosen["start"]["folder"]), kind)
    folder = run or pathlib.Path("runs") / find_recipe(recipe).stem
    check_new(folder)
    refuse_another(folder, chosen)
    check_processes(processes, process, coordinator)
    if tensorboard:
        check_extra("tensorboard")
    if processes > 1 and not is_watched():
        watch(processes, folder)
        return
    screen = None if quiet or process else console()
    if screen:
        screen.print(f"{recipe}: a {kind.replace('_', ' ')}, into {folder}", markup=False)
    machine.for_training()
    load_backend()
    from kerasseq.recipes import tensorboard_logs, train
    from kerasseq.recipes.callbacks import EachEpoch
    from kerasseq.recipes.evaluate_run import evaluate_run
    from kerasseq.recipes.run_log import RunLog

    def tell(found):
        print(json.dumps(found, ensure_ascii=False), flush=True)

    callbacks = [tensorboard_logs(folder)] if tensorboard else []
    callbacks += [EachEpoch(tell)] * as_json
    log = RunLog(folder, screen)
    with ended_at_once() if processes > 1 else contextlib.nullcontext():
        own = join(process, processes, coordinator) if processes > 1 else ALONE
        task = train(chosen, folder, callbacks, console=screen, process=own)
        if not own.leads:
            return
        for part, scores in evaluate_run(task, chosen, folder):
            log(scores_line(part, scores))
            if as_json:
                tell({"part": part} | scores)
        log(f"saved: {folder / task.name}")
        if as_json:
            tell({"saved": str(folder / task.name)})


def prepare(
    recipe: Annotated[str, typer.Argument(help="A recipe, or a TOML file, with data.prepared.")],
    overrides: Overrides = None,
):
    """Tokenise a recipe's training pairs once, into data.prepared, for the runs that name it."""
    chosen = load_recipe(recipe, overrides or ())
    if kind_of(chosen) != "translator":
        raise ValueError(
            f"Expected the recipe of a translator; received {recipe}, of a {kind_of(chosen)}, "
            "which reads its texts in memory. Train it as it is."
        )
    check_data(chosen["data"])
    if "prepared" not in chosen["data"]:
        raise ValueError(
            f"Expected data.prepared, the folder to fill, in {recipe}; received none. Pass --set "
            "data.prepared=FOLDER."
        )
    start = None
    if "start" in chosen:
        start = model_folder(chosen["start"]["folder"])
        check_start(start, "translator")
    check_new(pathlib.Path(chosen["data"]["prepared"]))
    load_backend()
    from kerasseq.recipes import prepare
    from kerasseq.recipes.start import load_start

    found = prepare(chosen, start and load_start(str(start)))
    for each in found.findings:
        print(f"{each.name}: {each.sentence}", file=sys.stderr)
    print(f"{len(found.ids):,} pairs in {chosen['data']['prepared']}")


def check_options(arguments):
    """Refuses a recipe's key that is given as an option: `--epochs 3`.

    Args:
        arguments: list of str, the command and its arguments.

    Raises:
        ValueError: says how --set takes it.
    """
    commands = {command.__name__: command for command in (train, prepare)}
    if not arguments or arguments[0] not in commands:
        return
    own = inspect.signature(commands[arguments[0]]).parameters
    for option, behind in zip(arguments, [*arguments[1:], "VALUE"], strict=True):
        name, _, value = option.partition("=")
        key = name.removeprefix("--").replace("-", "_")
        section = _section_of(key)
        if name.startswith("--") and key not in own and section:
            raise ValueError(
                f"Expected what a recipe holds by --set; received {name}. Say --set "
                f"{section}.{key}={value or behind}."
            )


def _section_of(key):
    """The first section that holds a key, in any kind of recipe; None where none does."""
    held = (
        section
        for section in ("training", "batches", "search", "translation", "data")
        if any(key in (kinds.get(section) or ()) for kinds in SECTIONS.values())
    )
    return next(held, None)
