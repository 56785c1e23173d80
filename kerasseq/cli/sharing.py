"""The command that puts a task on the hub."""

import pathlib
from typing import Annotated

import typer

from kerasseq.cli.arguments import a_model
from kerasseq.cli.checks import check_task
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.extras import check_extra
from kerasseq.tasks.hub import check_repository


def push(
    model: Annotated[pathlib.Path, a_model("A run, or a saved task's folder")],
    name: Annotated[str, typer.Argument(help='The repository, "me/en_de".')],
    licence: Annotated[str, typer.Option(help="Of the weights, as cc-by-4.0.")] = "",
    data: Annotated[str | None, typer.Option(help="What it learned from; a run knows.")] = None,
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    examples: Annotated[bool, typer.Option(help="With the held-out inputs it keeps.")] = True,
):
    """Put a task on the Hugging Face hub, with a card."""
    check_task(model)
    check_repository(name)
    check_extra("hub")
    load_backend()
    from kerasseq.recipes.run_facts import run_facts
    from kerasseq.tasks import load

    facts = run_facts(model.parent)  # the folder of a run's task is in that of the run
    if data is not None:
        facts["data"] = data
    print(load(model).push(name, licence=licence, private=private, examples=examples, **facts))
