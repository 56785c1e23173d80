"""The command that scores a task."""

import pathlib
from typing import Annotated

import typer

from kerasseq.cli.arguments import Encoding, Search, a_model
from kerasseq.cli.checks import SEARCHES, check_choice, check_files, check_task
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.scores import scores_line

LABELLED = ("classifier", "tagger", "span_finder")


def evaluate(
    model: Annotated[pathlib.Path, a_model("A saved task's folder")],
    source: Annotated[pathlib.Path, typer.Argument(help="Source lines, or a labelled file.")],
    target: Annotated[
        pathlib.Path | None, typer.Argument(help="Reference lines, of a translator.")
    ] = None,
    search: Search = None,
    tokenize: Annotated[str, typer.Option(help="sacreBLEU's tokenizer.")] = "13a",
    lowercase: Annotated[bool, typer.Option(help="Compare without case.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="A labelled file's column; the label's is the last.")
    ] = None,
    encoding: Encoding = "utf-8",
):
    """Score a task: a translator on lines and references, another on a labelled file.

    Such a file ends in .csv, .tsv, .jsonl or .parquet, or has a label, a space and a text a line.
    Of a tagger it is CoNLL's, of a question answerer SQuAD's.
    """
    kind = check_task(model)
    check_choice("--search", search, SEARCHES)
    check_choice("a task to evaluate", kind, ("translator", *LABELLED))
    check_files(source, target)
    if kind == "translator":
        _evaluate_translator(model, source, target, search, tokenize, lowercase, encoding)
        return
    if target or search or lowercase:
        given = target or ("--search" if search else "--lowercase")
        raise ValueError(
            f"Expected one labelled file to score a {kind} on; received {given} too. Leave it out."
        )
    load_backend()
    from kerasseq.data import read_corpus
    from kerasseq.tasks import load

    task = load(model)
    options = {"encoding": encoding}
    if getattr(task, "kind", None) == "regression":
        options["read_label"] = float
    elif getattr(task, "kind", None) == "multi_label":
        options["read_label"] = str.split
    corpus = read_corpus(task.corpus, source, column or (), **options)
    scores = task.scores(corpus)
    for kind, found in scores.get("by_kind", {}).items():
        print(scores_line(kind, found))
    print(scores_line(source.name, scores | {corpus.unit: len(corpus)}))


def _evaluate_translator(model, source, target, search, tokenize, lowercase, encoding):
    if target is None:
        raise ValueError(
            "Expected source lines, then reference lines, to score a translator on; received one "
            "file. Name the references too."
        )
    load_backend()
    from kerasseq import Translator
    from kerasseq.data import ParallelText
    from kerasseq.recipes import evaluate

    corpus = ParallelText.from_files(source, target, encoding=encoding)
    options = {"tokenize": tokenize, "lowercase": lowercase, "search": search}
    scores = evaluate(Translator.load(model), corpus, **options)
    print(scores_line(source.name, scores))
    print(scores["signature"])
