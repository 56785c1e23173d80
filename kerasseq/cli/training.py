"""The command that trains a recipe."""

import json
import pathlib
from typing import Annotated

import typer

from kerasseq.cli.arguments import Run
from kerasseq.cli.checks import check_data, check_new, check_start
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import console
from kerasseq.cli.scores import scores_line
from kerasseq.recipes.recipe import list_recipes, load_recipe
from kerasseq.recipes.sections import kind_of
from kerasseq.saved_models import model_folder

Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value, over the recipe's.")
]


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            autocompletion=list_recipes, help=f"{', '.join(list_recipes())}; or a TOML file."
        ),
    ],
    run: Run = None,
    overrides: Overrides = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help="Folder of a model to go on with, or of a pretrained BERT."),
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
    folder = run or pathlib.Path("runs") / pathlib.Path(recipe).stem
    check_new(folder)
    screen = None if quiet else console()
    if screen:
        screen.print(f"{recipe}: a {kind.replace('_', ' ')}, into {folder}", markup=False)
    load_backend()
    from kerasseq.recipes import tensorboard_logs, train
    from kerasseq.recipes.callbacks import EachEpoch
    from kerasseq.recipes.evaluate_run import evaluate_run
    from kerasseq.recipes.run_log import RunLog

    def tell(found):
        print(json.dumps(found, ensure_ascii=False), flush=True)

    callbacks = [tensorboard_logs(folder)] if tensorboard else []
    log = RunLog(folder, screen)
    task = train(chosen, folder, [*callbacks, *([EachEpoch(tell)] * as_json)], console=screen)
    for part, scores in evaluate_run(task, chosen, folder):
        log(scores_line(part, scores))
        if as_json:
            tell({"part": part} | scores)
    log(f"saved: {folder / task.name}")
    if as_json:
        tell({"saved": str(folder / task.name)})
