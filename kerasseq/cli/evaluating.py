"""The command that scores a task."""

import pathlib
from typing import Annotated

import typer

from kerasseq.cli.arguments import Encoding, Search, a_model
from kerasseq.cli.checks import SEARCHES, check_choice, check_files, check_task
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.scores import scores_line
from kerasseq.data.tables import ENDINGS, ending_of

LABELLED = ("classifier", "tagger", "span_finder", "captioner", "forecaster")


def evaluate(
    model: Annotated[pathlib.Path, a_model("A saved task's folder")],
    source: Annotated[pathlib.Path, typer.Argument(help="Source lines, or a table.")],
    target: Annotated[
        pathlib.Path | None, typer.Argument(help="Reference lines, of a translator.")
    ] = None,
    search: Search = None,
    tokenize: Annotated[str, typer.Option(help="sacreBLEU's tokenizer.")] = "13a",
    lowercase: Annotated[bool, typer.Option(help="Compare without case.")] = False,
    rouge: Annotated[bool, typer.Option(help="Score summaries, with ROUGE too.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="A table's column; the label's, or the reference's, is the last."),
    ] = None,
    encoding: Encoding = "utf-8",
):
    """Score a task: a translator on lines and references or a table, another on a labelled file.

    A table's columns are found as new finds them, or named. A labelled file ends in .csv, .tsv,
    .jsonl or .parquet, or has a label, a space and a text a line.
    Of a tagger it is CoNLL's, of a question answerer SQuAD's. A captioner's has the columns image
    and caption, a forecaster's those that its recipe named.
    """
    kind = check_task(model)
    check_choice("--search", search, SEARCHES)
    check_choice("a task to evaluate", kind, ("translator", *LABELLED))
    check_files(source, target)
    if kind == "translator":
        options = {"tokenize": tokenize, "lowercase": lowercase, "rouge": rouge, "search": search}
        _evaluate_translator(model, source, target, column, encoding, options)
        return
    if target or search or rouge or (lowercase and kind != "captioner"):
        given = target or ("--search" if search else "--rouge" if rouge else "--lowercase")
        raise ValueError(
            f"Expected one labelled file to score a {kind} on; received {given} too. Leave it out."
        )
    load_backend()
    from kerasseq.data import read_corpus
    from kerasseq.recipes.columns import labelled_columns
    from kerasseq.tasks import load

    task = load(model)
    if kind == "forecaster":
        corpus = _series(task, source, column, encoding)
        print(scores_line(source.name, task.scores(corpus) | {corpus.unit: len(corpus)}))
        return
    if kind == "captioner":
        corpus = read_corpus(task.corpus, source, column or (), encoding=encoding)
        print(scores_line(source.name, task.scores(corpus, tokenize, lowercase)))
        return
    options = {"encoding": encoding}
    if getattr(task, "kind", None) == "regression":
        options["read_label"] = float
    elif getattr(task, "kind", None) == "multi_label":
        options["read_label"] = str.split
    if task.corpus == "LabelledText" and not column and ending_of(source):
        column = labelled_columns(source, encoding)
    corpus = read_corpus(task.corpus, source, column or (), **options)
    scores = task.scores(corpus)
    for kind, found in scores.get("by_kind", {}).items():
        print(scores_line(kind, found))
    print(scores_line(source.name, scores | {corpus.unit: len(corpus)}))


def _series(task, path, column, encoding):
    """The windows of a file, as a forecaster reads them."""
    from kerasseq.data import TimeSeries
    from kerasseq.data.time_series import read_steps

    columns = column or task.processor.columns
    if not columns:
        raise ValueError(
            f"Expected --column for each of the {task.processor.num_features} numbers of a step, "
            "those that are forecast first; received none. Name them."
        )
    steps = read_steps(path, columns, encoding=encoding)
    return TimeSeries(steps, task.length, task.horizon, num_values=task.processor.num_values)


def _evaluate_translator(model, source, target, column, encoding, options):
    ending = None if target else ending_of(source)
    if target is None and ending is None:
        raise ValueError(
            "Expected source lines, then reference lines, to score a translator on, or a table in "
            f"{', '.join(ENDINGS)}; received {source} alone. Name the references too."
        )
    if column and (ending is None or len(column) != 2):
        raise ValueError(
            "Expected --column twice, of the sources and of the references in one table; received "
            f"{', '.join(column)} for {source}. Name both, and the table alone."
        )
    from kerasseq.data import ParallelText
    from kerasseq.recipes.columns import pair_columns

    if ending:
        names = column or pair_columns(source, encoding)
        told = None if ending == ".parquet" else encoding
        corpus = ParallelText.from_table(source, *map(_place, names), encoding=told)
    else:
        corpus = ParallelText.from_files(source, target, encoding=encoding)
    load_backend()
    from kerasseq import Translator
    from kerasseq.recipes import evaluate

    scores = evaluate(Translator.load(model), corpus, **options)
    print(scores_line(source.name, scores))
    print(scores["signature"])


def _place(column):
    """A column's name, or its number from 0."""
    return int(column) if str(column).isdigit() else column
