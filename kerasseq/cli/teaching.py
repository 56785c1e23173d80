"""The commands that write training text by a translator: distillation and back-translation."""

import contextlib
import pathlib
import shlex
import time
from typing import Annotated

import typer

from kerasseq.bulk.formats import open_rows
from kerasseq.cli.arguments import Encoding, Search, a_model
from kerasseq.cli.checks import (
    SEARCHES,
    check_choice,
    check_data,
    check_files,
    check_new,
    check_translators,
)
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import console
from kerasseq.saved_models import RECIPE

EVERY = 30  # seconds from one line to the next, where no terminal shows a bar

Folder = Annotated[
    pathlib.Path, typer.Argument(help="New folder for the pairs, whose name is the recipe's.")
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        help="A recipe; a table of pairs; or twice, for lines and their translations. Default: "
        "the recipe of the run that is the teacher."
    ),
]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value, over the recipe's of --data.")
]
Source = Annotated[str | None, typer.Option(help="Column of a table's sources.")]
Target = Annotated[str | None, typer.Option(help="The same of the translations.")]
Recipe = Annotated[
    str | None,
    typer.Option(help="A recipe whose model, tokenizers and training the written one has."),
]
Worst = Annotated[float, typer.Option(min=0, max=0.99, help="Share to drop, of the worst scores.")]
Least = Annotated[
    float | None, typer.Option(help="Least score: the mean log-probability of a token.")
]
Together = Annotated[int, typer.Option(min=1, help="Texts of a batch.")]
Seed = Annotated[int, typer.Option(help="Of the split of files into three parts.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors and warnings.")]


def distil(
    folder: Folder,
    teachers: Annotated[
        list[pathlib.Path], a_model("Folders of saved translators; several are an ensemble")
    ],
    data: Data = None,
    overrides: Overrides = None,
    source: Source = None,
    target: Target = None,
    recipe: Recipe = None,
    original: Annotated[
        float, typer.Option(min=0, help="How often an epoch reads the original pairs too.")
    ] = 0.0,
    worst: Worst = 0.05,
    least: Least = None,
    search: Search = None,
    together: Together = 64,
    seed: Seed = 0,
    quiet: Quiet = False,
    encoding: Encoding = "utf-8",
):
    """Translate a training text by a teacher, and write the recipe of a student that learns from
    it; goes on where it was ended."""
    given, student = _read(
        folder, teachers, data, overrides, source, target, recipe, search, seed, encoding, quiet
    )
    load_backend()
    from kerasseq import synthetic

    with _progress(quiet) as progress:
        made = synthetic.distil(
            folder, teachers, given, original=original, worst=worst, least=least, search=search,
            together=together, recipe=student, **progress,
        )  # fmt: skip
    _say(given, made)


def backtranslate(
    folder: Folder,
    texts: Annotated[
        pathlib.Path,
        typer.Argument(help="Texts in the target language: lines, .csv, .tsv, .jsonl, .parquet."),
    ],
    teachers: Annotated[
        list[pathlib.Path],
        a_model("Folders of translators from the target language; several are an ensemble"),
    ],
    data: Data = None,
    overrides: Overrides = None,
    source: Source = None,
    target: Target = None,
    column: Annotated[str | None, typer.Option(help="Where the texts are, by name.")] = None,
    recipe: Recipe = None,
    original: Annotated[
        float | None,
        typer.Option(
            min=0, help="How often an epoch reads the original pairs; default: as many as made."
        ),
    ] = None,
    tag: Annotated[bool, typer.Option(help="Write <bt> before each source that is made.")] = True,
    worst: Worst = 0.05,
    least: Least = None,
    search: Search = None,
    together: Together = 64,
    seed: Seed = 0,
    quiet: Quiet = False,
    encoding: Annotated[str, typer.Option(help="Of the texts.")] = "utf-8",
    data_encoding: Annotated[
        str | None, typer.Option(help="Of the files of --data; default: that of the texts.")
    ] = None,
):
    """Translate texts of the target language back to the source, and write the recipe of a model
    that learns from these pairs and the original ones; goes on where it was ended."""
    check_files(texts)
    rows = open_rows(texts, column, None, encoding)
    # A file is read to its end first: its last line may be in another encoding.
    if not sum(isinstance(each, str) and bool(each.strip()) for each in rows.texts()):
        raise ValueError(f"Expected texts to translate in {texts}; received none. Add some.")
    given, student = _read(
        folder, teachers, data, overrides, source, target, recipe, search, seed,
        data_encoding or encoding, quiet,
    )  # fmt: skip
    load_backend()
    from kerasseq import synthetic
    from kerasseq.synthetic.make import TAG

    with _progress(quiet) as progress:
        made = synthetic.backtranslate(
            folder, rows, teachers, given, original=original, tag=TAG if tag else None,
            worst=worst, least=least, search=search, together=together, recipe=student,
            **progress,
        )  # fmt: skip
    _say(given, made)


def _read(folder, teachers, data, overrides, source, target, recipe, search, seed, encoding, quiet):
    """The pairs at hand, and the recipe that the written one is to follow, or None."""
    from kerasseq.synthetic.given import is_recipe, pairs_recipe, read_given

    if folder.exists():
        raise FileExistsError(
            f"Expected a new folder, then what translates; received {folder}, which exists "
            "already. Name the new folder first."
        )
    check_choice("--search", search, SEARCHES)
    check_translators(*teachers)
    check_new(folder)
    data = data or _own_recipe(teachers[0])
    if is_recipe(data):
        check_data(pairs_recipe(data[0], overrides or ())["data"])
    elif overrides:
        raise ValueError(
            f"Expected a recipe with --set; received {' '.join(data)}. Leave --set out."
        )
    else:
        check_files(*(path for path in map(pathlib.Path, data) if path.exists()))
    student = pairs_recipe(recipe) if recipe else None
    screen = _screen(quiet)
    with screen.status("reading the pairs"):
        given = read_given(
            data, overrides=overrides or (), source=source, target=target, encoding=encoding,
            seed=seed,
        )  # fmt: skip
    parts = ", ".join(f"{len(part):,} {name}" for name, part in given.parts.items())
    screen.print(f"{' and '.join(data)}: {parts}", markup=False)
    return given, student


def _own_recipe(teacher):
    """The recipe of the run that a teacher is of."""
    path = teacher.parent / RECIPE
    if not path.is_file():
        raise ValueError(
            f"Expected --data, the pairs to learn from; received none, and {teacher} is of no run, "
            "which would name its own. Name a recipe, a table, or two files of lines."
        )
    return [str(path)]


def _screen(quiet):
    screen = console()
    screen.quiet = quiet
    return screen


@contextlib.contextmanager
def _progress(quiet):
    """What is told of the work, as options of `distil`: a bar on a terminal, elsewhere a line
    every half minute."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    screen = _screen(quiet)
    columns = TextColumn("translating"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task, said = bar.add_task("", total=None), time.monotonic()

        def progress(done, rows):
            nonlocal said
            bar.update(task, completed=done, total=rows)
            if not screen.is_terminal and time.monotonic() > said + EVERY:
                said = time.monotonic()
                screen.print(f"translated {done:,} of {rows:,}", markup=False)

        def say(line):
            screen.print(line, markup=False)

        yield {"progress": progress, "say": say}


def _say(given, made):
    from kerasseq.synthetic.drops import WORST

    for reason, count in given.left_out.items():
        print(f"left out: {count:,} pairs {reason}")
    for reason, count in sorted(made.dropped.items()):
        below = f" (below {made.threshold:.4f})" if reason == WORST else ""
        print(f"dropped: {count:,} {reason}{below}")
    print(made.sentence)
    counts = ", ".join(f"{count:,} in {name}" for name, count in made.parts.items())
    print(f"{made.recipe.parent}: {counts}")
    if made.weights:
        print(
            f"an epoch reads the translated ×{made.weights[0]:g}, the original ×{made.weights[1]:g}"
        )
    print(f"recipe: {made.recipe}, to be read and changed")
    print(f"next: kerasseq train {shlex.quote(str(made.recipe))}")
