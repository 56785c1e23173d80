"""The commands that answer lines: `translate`, and `predict` for every task."""

import functools
import json
import pathlib
import sys
import warnings
from typing import Annotated

import typer

from kerasseq.cli.arguments import Encoding, Lines, Scores, Search, a_model
from kerasseq.cli.checks import SEARCHES, check_choice, check_files, check_task, check_translators
from kerasseq.cli.forecasting import forecast
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.cli.saying import console

LITE = ".tflite"


def translate(
    model: Annotated[pathlib.Path, a_model("A saved translator's folder, or its .tflite file")],
    text: Annotated[list[str] | None, typer.Argument(help="Lines; default: --file, stdin.")] = None,
    file: Lines = None,
    search: Search = None,
    scores: Scores = False,
    prefix: Annotated[str | None, typer.Option(help="What each translation begins with.")] = None,
    glossary: Annotated[
        pathlib.Path | None,
        typer.Option(help="A file of terms: source, tab, target; !term for one that must not be."),
    ] = None,
    markup: Annotated[
        bool, typer.Option(help="Put tags, placeholders, URLs and numbers back into translations.")
    ] = False,
    alignments: Annotated[
        bool, typer.Option(help="Print source-target pairs after each line (Pharaoh format).")
    ] = False,
    encoding: Encoding = "utf-8",
):
    """Translate lines: arguments, a file, or standard input."""
    check_choice("--search", search, SEARCHES)
    check_files(glossary)
    terms = None
    if glossary:
        from kerasseq.processing import Glossary

        terms = Glossary.read(glossary)
    if model.suffix == LITE:
        if search or alignments:
            raise ValueError(
                f"Expected the search that {model.name} was exported with, without alignments; "
                f"received {'--search' if search else '--alignments'}. Leave it out, or name the "
                "saved translator."
            )
        from kerasseq.export import LiteTranslator

        answers = functools.partial(
            LiteTranslator(model).answers, prefix=prefix, glossary=terms, markup=markup
        )
        count, lines = _read(text, file, encoding)
    else:
        check_translators(model)
        count, lines = _read(text, file, encoding)
        load_backend()
        from kerasseq import Translator, decoding

        translator = Translator.load(model)
        chosen = translator.search if search is None else decoding.get(search)
        chosen = chosen.replace(return_attention=alignments)
        answers = functools.partial(
            translator.translate, search=chosen, prefix=prefix, glossary=terms, markup=markup
        )

    def said(hypotheses):
        best = hypotheses[0]
        columns = [f"{best.score:.4f}"] if scores else []
        return "\t".join([*columns, best.text, *([best.alignment()] if alignments else [])])

    _print(answers, lines, said, file, count, "translating", model.suffix != LITE)


def predict(
    model: Annotated[pathlib.Path, a_model("Any saved task's folder, or its .tflite file")],
    text: Annotated[list[str] | None, typer.Argument(help="Lines; default: --file, stdin.")] = None,
    file: Lines = None,
    pair: Annotated[
        str | None, typer.Option(help="The second text of each: a question's context.")
    ] = None,
    pairs: Annotated[bool, typer.Option(help="Each line is two texts, a tab between.")] = False,
    scores: Scores = False,
    as_json: Annotated[bool, typer.Option("--json", help="All that is known, JSON lines.")] = False,
    encoding: Encoding = "utf-8",
):
    """Answer lines with any task: labels, tags, answers, vectors, translations, captions.

    A captioner is given paths of images; a question answerer, questions and contexts; a forecaster
    by --file a table, after whose last row it writes a line for each step.
    """
    if model.suffix == LITE:
        from kerasseq.export import LiteTask

        task = LiteTask(model)
        kind = task.processor.name
    else:
        kind = check_task(model)
    if kind == "forecaster":
        if text or not file or pair or pairs or scores:
            raise ValueError(
                f"Expected --file alone, a table with a row a step, for {model}, a forecaster; "
                "received lines, or no file. Name the table."
            )
        if model.suffix != LITE:
            task = _loaded(model)
        forecast(task, file, as_json, encoding)
        return
    if (pair or pairs) and kind not in ("classifier", "span_finder"):
        raise ValueError(
            f"Expected lines of one text for a {kind}; received "
            f"{'--pair' if pair else '--pairs'}. Leave it out."
        )
    count, lines = _read(text, file, encoding)
    if pair:
        lines = ((line, pair) for line in lines)
    elif pairs or kind == "span_finder":
        lines = _pairs(lines)
    given, empty = [], []
    if model.suffix != LITE:
        task = _loaded(model)

    def remembered():
        for number, line in enumerate(lines, 1):
            given.append(line)
            if not "".join(line).strip():
                empty.append(number)
            yield line

    def said(found):
        asked = given.pop(0)
        if as_json:
            return json.dumps(
                {"input": asked, "answers": [*map(_plain, found)]}, ensure_ascii=False
            )
        text, score = task.processor.summary(found)
        if getattr(task.processor, "kind", None) == "regression":
            return f"{score:.6g}"  # of a value, its name says nothing
        text = text if isinstance(text, str) else " ".join(f"{number:.6g}" for number in text)
        return f"{score:.4f}\t{text}" if scores and score is not None else text

    _print(task.answers, remembered(), said, file, count, "predicting", model.suffix != LITE)
    if empty and kind == "classifier":
        warnings.warn(
            f"Expected texts to label; received {len(empty)} that are empty, line {empty[0]} "
            "first. What is said of them is said of no word.",
            stacklevel=2,
        )


def _loaded(model):
    load_backend()
    from kerasseq.tasks import load

    return load(model)


def _read(text, file, encoding):
    """How many lines there are, where that is known, and an iterable of them."""
    from kerasseq.data.lines import cut_lines, read_lines

    check_files(file)
    if text:
        return len(text), text
    if file:
        # A file is read to its end first: its last line may be in another encoding.
        return sum(1 for _ in read_lines(file, encoding)), read_lines(file, encoding)
    if sys.stdin is None:
        raise ValueError("Expected lines, --file, or standard input; received none. Give some.")
    if sys.stdin.isatty():
        print("a line each, then Ctrl-D:", file=sys.stderr)
    return None, cut_lines(sys.stdin.buffer, "standard input", encoding)


def _pairs(lines):
    for number, line in enumerate(lines, 1):
        parts = line.split("\t")
        if len(parts) != 2:
            raise ValueError(
                f"Expected two texts with a tab between in line {number}; received {len(parts)}: "
                f"{line!r:.80}. Put one tab there, or give the second text by --pair."
            )
        yield tuple(parts)


def _plain(answer):
    """An answer as JSON values: arrays as lists, what it lacks left out."""
    if isinstance(answer, list):  # of one of several masks
        return [*map(_plain, answer)]
    known = {name: each for name, each in answer._asdict().items() if each is not None}
    return {
        name: each.tolist() if hasattr(each, "tolist") else each for name, each in known.items()
    }


def _print(answers, lines, said, file, count, doing, reports):
    """Prints what is said of each line's answers, in order, and how far it has come."""
    from rich.progress import Progress

    # Answers that scroll past on the terminal are progress enough.
    hidden = not file or sys.stdout.isatty()
    with Progress(console=console(), transient=True, redirect_stdout=False, disable=hidden) as bar:
        advance = functools.partial(bar.advance, bar.add_task(doing, total=count))
        for found in answers(lines, progress=advance) if reports else answers(lines):
            print(said(found), flush=not file)
            if not reports:
                advance()
