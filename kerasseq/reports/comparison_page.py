"""A page that compares runs."""

import pathlib

import sacrebleu

from kerasseq.plots import plot_histories, plot_quality_by_length
from kerasseq.recipes.evaluate import read_evaluation
from kerasseq.recipes.recipe import load_recipe
from kerasseq.reports.page import flat, svg, table, write_page
from kerasseq.reports.run_scores import run_scores
from kerasseq.untrusted import read_json

BETTER = {"BLEU": max, "chrF": max, "exact": max, "perplexity": min}


def comparison_page(runs, comparison, path, part="test", count=10):
    """Writes a self-contained HTML page that compares evaluated runs.

    It shows their scores, their curves, BLEU by source length, the differences of their recipes
    and environments, and the sentences on which they differ most (by chrF).

    Args:
        runs: list of paths of run folders that `kerasseq train` filled.
        comparison: dict, from `kerasseq.reports.compare` of the same runs and part.
        path: path of the page.
        part: "validation" or "test".
        count: int, sentences to show.

    Returns:
        the page's path.

    Raises:
        FileNotFoundError: for a run that was not trained or not evaluated.
    """
    runs, names = [pathlib.Path(run) for run in runs], comparison["runs"]
    histories = {name: run / "history.csv" for name, run in zip(names, runs, strict=True)}
    scores = [run_scores(run, part) for run in runs]
    recipes = [flat(load_recipe(run / "recipe.toml")) for run in runs]
    environments = [flat(read_json(run / "environment.json")) for run in runs]
    sections = {
        "Scores": table(_columns(scores), names, _best(scores)),
        "Curves": svg(plot_histories(histories)),
        "Quality by length": svg(plot_quality_by_length(comparison)),
        "Recipes": _differences(recipes, names),
        "Environments": _differences(environments, names),
        "Where they differ most": "".join(_sentences(runs, names, part, count)) or "Nowhere.",
    }
    write_page(path, " · ".join(names), sections)
    return path


def _columns(dicts):
    """Joins dicts to one dict of lists, with "—" for a missing value."""
    keys = dict.fromkeys(key for each in dicts for key in each)
    return {key: [each.get(key, "—") for each in dicts] for key in keys}


def _best(scores):
    """The cells of the best scores: none in a row where all runs are equal."""
    cells = set()
    for name, texts in _columns(scores).items():
        better = BETTER.get(name.split(",")[0].split()[0])
        values = [float(text.split()[0].rstrip("%")) for text in texts] if better else []
        if len(set(values)) > 1:
            cells |= {(name, i) for i, each in enumerate(values) if each == better(values)}
    return cells


def _differences(dicts, names):
    """A table of the values that differ between the dicts."""
    rows = _columns(dicts)
    differing = {key: values for key, values in rows.items() if len(set(map(str, values))) > 1}
    alike = f"<p>{len(rows) - len(differing)} settings are the same.</p>"
    return (table(differing, names) if differing else "") + alike


def _sentences(runs, names, part, count):
    evaluations = [read_evaluation(run, part) for run in runs]
    chrf, found = sacrebleu.CHRF(), []
    for i, source in enumerate(evaluations[0][0]):
        lines = [(hypotheses[i], references[i]) for _, references, hypotheses in evaluations]
        scored = [chrf.sentence_score(ours, [theirs]).score for ours, theirs in lines]
        found.append((max(scored) - min(scored), source, lines, scored))
    found.sort(key=lambda row: -row[0])
    for spread, source, lines, scored in found[:count]:
        if spread > 0:
            rows = {"source": ["", source], "reference": ["", lines[0][1]]}
            for name, (ours, _), score in zip(names, lines, scored, strict=True):
                rows[name] = [f"{score:.1f}", ours]
            yield f"<article>{table(rows)}</article>"
