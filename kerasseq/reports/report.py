"""A page about one run."""

import html
import pathlib

import sacrebleu

from kerasseq.plots import (
    attention_map,
    join_pieces,
    plot_history,
    plot_pace,
    plot_quality_by_length,
)
from kerasseq.recipes.build import build_schedule, count_steps
from kerasseq.recipes.evaluate import read_evaluation
from kerasseq.recipes.recipe import load_recipe
from kerasseq.recipes.run_log import epoch_seconds
from kerasseq.recipes.sections import kind_of
from kerasseq.reports.compare import compare
from kerasseq.reports.page import flat, svg, table, write_page
from kerasseq.reports.run_scores import run_scores, short
from kerasseq.tasks import Translator
from kerasseq.untrusted import read_json

POINTS = 200


def report(run, path=None, part="test", count=10):
    """Writes a self-contained HTML page about an evaluated run.

    It shows scores, curves, learning rate and speed, padding, BLEU by source length, vocabulary
    coverage, the best and the worst sentences (by chrF) with their attention maps, the recipe
    and the environment. Of another task than a translator it shows scores, also of each kind of
    entity, curves, learning rate and speed, the recipe and the environment.

    Args:
        run: path of a run folder that `kerasseq train` filled.
        path: path of the page; `report.html` in the run folder by default.
        part: "validation" or "test".
        count: int, how many of the best and of the worst sentences.

    Returns:
        the page's path.

    Raises:
        FileNotFoundError: for a run that was not trained or not evaluated.
    """
    run = pathlib.Path(run)
    scores = run_scores(run, part)
    recipe = load_recipe(run / "recipe.toml")
    batches = read_json(run / "batches.json")
    curves = svg(plot_history(run / "history.csv")) + svg(_pace(run, recipe, batches))
    of_kind = _translations if kind_of(recipe) == "translator" else _kinds
    sections = {
        "Scores": table(scores),
        "Curves": curves,
        **of_kind(run, part, count),
        "Recipe": f"<pre>{html.escape((run / 'recipe.toml').read_text(encoding='utf-8'))}</pre>",
        "Environment": table(flat(read_json(run / "environment.json"))),
    }
    path = pathlib.Path(path or run / "report.html")
    write_page(path, run.name, sections)
    return path


def _translations(run, part, count):
    """The sections of a translator."""
    translator = Translator.load(run / "translator")
    sources, references, hypotheses = read_evaluation(run, part)
    return {
        "Quality by length": svg(plot_quality_by_length(compare([run], part))),
        "Vocabulary": table(_coverage(translator, sources, references)),
        **_sentences(translator, sources, references, hypotheses, count),
    }


def _kinds(run, part, count):
    """The scores of each kind, such as a tagger's of persons and places."""
    scores = read_json(run / f"{part}.scores.json")
    rows = {
        kind: ", ".join(f"{name.replace('_', ' ')} {short(each)}" for name, each in found.items())
        for kind, found in scores.get("by_kind", {}).items()
    }
    return {"By kind": table(rows)} if rows else {}


def _pace(run, recipe, batches):
    steps = count_steps(recipe["training"], batches["batches"])
    schedule = build_schedule(recipe["training"], steps)
    marks = range(0, steps, max(1, steps // POINTS))
    rates = [(step, float(schedule(step)) if callable(schedule) else schedule) for step in marks]
    sides = {"target tokens": "target_tokens", "tokens": "real_tokens", "windows": "rows"}
    unit = next(unit for unit, key in sides.items() if key in batches)
    tokens = [batches[sides[unit]] / max(each, 1) for each in epoch_seconds(run)]
    return plot_pace(rates, tokens, unit=unit)


def _coverage(translator, sources, references):
    """The share of the part's tokens that is in each vocabulary."""
    found = {}
    for name, lines in (("source", sources), ("target", references)):
        tokenizer = getattr(translator, name)
        ids = [token for line in lines for token in tokenizer.encode(line)]
        known = sum(token != tokenizer.unknown_id for token in ids) / max(len(ids), 1)
        found[name] = f"{known:.2%} of {len(ids):,} tokens known, {tokenizer.vocabulary_size:,} ids"
    return found


def _sentences(translator, sources, references, hypotheses, count):
    chrf = sacrebleu.CHRF()
    scored = [
        (chrf.sentence_score(ours, [theirs]).score, source, theirs, ours)
        for source, theirs, ours in zip(sources, references, hypotheses, strict=True)
    ]
    # A sentence of a word or two may score very high or low by chance: longer ones come first.
    scored.sort(key=lambda row: (row[0], len(row[1])))
    chosen = {"The worst": scored[:count], "The best": scored[::-1][:count]}
    return {
        title: "".join(_sentence(translator, *row) for row in rows)
        for title, rows in chosen.items()
    }


def _sentence(translator, score, source, reference, hypothesis):
    rows = {
        "source": source,
        "reference": reference,
        "translation": hypothesis,
        "chrF": f"{score:.1f}",
    }
    attention = ""
    if translator.model.attends:
        found = translator.attention(source)
        words = join_pieces(found.source_tokens, found.tokens, found.attention)
        figure = attention_map(*words)
        attention = f"<details><summary>attention</summary>{svg(figure)}</details>"
    return f"<article>{table(rows)}{attention}</article>"
