"""The commands that draw a model's attention and report on runs."""

import pathlib
from typing import Annotated

import typer

from kerasseq.cli.checks import check_choice, check_files, check_new, check_run, check_task
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.extras import check_extra
from kerasseq.saved_models import model_folder

FIGURES = (".png", ".svg", ".pdf", ".eps", ".jpg", ".webp")
READ_BY = {
    "attention": ("--text", "--pair", "--words", "--heads"),
    "steps": ("--text",),
    "history": (),
}


def plot(
    what: Annotated[str, typer.Argument(help="attention, steps or history.")],
    subject: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A run; or for attention any saved task, for steps a translator."
        ),
    ],
    path: Annotated[pathlib.Path, typer.Argument(help=".png, .svg, .pdf; or .html, .gif, .mp4.")],
    text: Annotated[
        str | None, typer.Option(help="The line, for attention and steps; or an image's path.")
    ] = None,
    pair: Annotated[str | None, typer.Option(help="The second text: a question's context.")] = None,
    words: Annotated[bool, typer.Option(help="Join the pieces of words.")] = False,
    heads: Annotated[
        bool, typer.Option(help="Every layer and head of a Transformer or a BERT.")
    ] = False,
):
    """Draw an attention map, play or film a translation, or show a run's curves."""
    check_choice("what to plot", what, tuple(READ_BY))
    check_new(path)
    given = {"--text": text, "--pair": pair, "--words": words, "--heads": heads}
    unread = [name for name, value in given.items() if value and name not in READ_BY[what]]
    if unread:
        raise ValueError(
            f"Expected {what} with {' and '.join(READ_BY[what]) or 'no option'}; received "
            f"{' and '.join(unread)}. Leave out what it does not read."
        )
    subject = pathlib.Path(subject) if what == "history" else model_folder(subject)
    if what == "history":
        check_new(path, FIGURES)
        check_files(subject / "history.csv")
        from kerasseq.plots import plot_history

        plot_history(subject / "history.csv", path)
    elif not (text and text.strip()):
        raise ValueError(
            f"Expected --text with something to look at for {what}; received {text!r}. Give a line."
        )
    elif what == "attention":
        check_new(path, FIGURES)
        check_task(subject)
        load_backend()
        _plot_attention(subject, path, text, pair, words, heads)
    else:
        check_new(path, (".html", ".gif", ".mp4"))
        check_task(subject)
        if path.suffix == ".mp4":
            check_extra("movie")
        load_backend()
        from kerasseq import Translator
        from kerasseq.plots import step_movie, step_player
        from kerasseq.tasks import trace

        endings = {".html": step_player, ".gif": step_movie, ".mp4": step_movie}
        endings[path.suffix](trace(Translator.load(subject), text), path)
    print(path)


def _plot_attention(folder, path, text, pair, words, heads):
    from kerasseq.tasks import Captioner, QuestionAnswerer, TextClassifier, load

    task = load(folder)
    name = type(task).__name__
    if not hasattr(task, "plot_attention"):
        raise ValueError(
            f"Expected a task that reads texts or images; received {folder}, a {name}, which reads "
            "numbers. Plot its run's history."
        )
    if isinstance(task, QuestionAnswerer) and not pair:
        raise ValueError(f"Expected --pair, the context, for a {name}; received none. Add it.")
    if pair and not isinstance(task, QuestionAnswerer | TextClassifier):
        raise ValueError(f"Expected a text alone for a {name}; received --pair. Leave it out.")
    if not isinstance(task, Captioner):
        task.plot_attention((text, pair) if pair else text, path, words=words, heads=heads)
    elif words or heads:
        raise ValueError(
            f"Expected an image alone for a {name}; received --words or --heads. Leave them out."
        )
    else:
        task.plot_attention(text, path)


def models():
    """List the models that are installed, which other commands take by name."""
    from kerasseq.saved_models import named_models

    for name, folder in named_models().items():
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        title = (folder / "CARD.md").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        print(f"{name}  {size / 1e6:.1f} MB  {title}")
    if not named_models():
        raise ValueError(
            "Expected models in the package kerasseq-models; received none. Install it, or name a "
            "folder that save wrote."
        )


def compare(
    runs: Annotated[list[pathlib.Path], typer.Argument(help="Folders of evaluated runs.")],
    figure: Annotated[pathlib.Path | None, typer.Option("--plot", help=".png to draw.")] = None,
    page: Annotated[pathlib.Path | None, typer.Option(help=".html to write.")] = None,
    part: Annotated[str, typer.Option(help="validation or test.")] = "test",
    width: Annotated[int, typer.Option(min=1, help="Source words a bin.")] = 10,
):
    """Show runs side by side: BLEU, whole and by source length; the rest on a page."""
    check_run(*runs)
    check_new(figure, FIGURES)
    check_new(page)
    load_backend()
    from rich.console import Console
    from rich.table import Table

    from kerasseq.reports import compare

    found = compare(runs, part, width)
    table = Table("words", "lines", *found["runs"], title=f"BLEU on {part}")
    for each in found["bins"]:
        words = "–".join(map(str, sorted(set(each["words"]))))
        table.add_row(words, str(each["lines"]), *(f"{value:.2f}" for value in each["bleu"]))
    lines = sum(each["lines"] for each in found["bins"])
    table.add_section()
    table.add_row("all", str(lines), *(f"{value:.2f}" for value in found["bleu"]))
    Console().print(table)
    if figure:
        from kerasseq.plots import plot_quality_by_length

        plot_quality_by_length(found, figure)
        print(figure)
    if page:
        from kerasseq.reports import comparison_page

        print(comparison_page(runs, found, page, part))


def report(
    run: Annotated[pathlib.Path, typer.Argument(help="Folder of an evaluated run.")],
    path: Annotated[pathlib.Path | None, typer.Option(help="Default: report.html there.")] = None,
    part: Annotated[str, typer.Option(help="validation or test.")] = "test",
):
    """Write a page about a run: scores, curves, best and worst sentences."""
    check_run(run)
    check_new(path)
    load_backend()
    from kerasseq.reports import report

    print(report(run, path, part))
