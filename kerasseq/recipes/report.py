"""A run on one page."""

import html
import io
import json
import pathlib
import re

import matplotlib
import sacrebleu

from kerasseq.files import write_file
from kerasseq.plots import attention_map, plot_history, plot_pace, plot_quality_by_length
from kerasseq.recipes.build import build_data, build_schedule
from kerasseq.recipes.compare import compare
from kerasseq.recipes.recipe import load_recipe
from kerasseq.tasks import Translator

PAGE = pathlib.Path(__file__).with_name("report.html")
POINTS = 200


def report(run, path=None, part="test", count=10):
    """Writes an HTML page, complete in itself, about an evaluated run.

    Scores, curves, learning rate and speed, padding, BLEU by source length, vocabulary
    coverage, the best and the worst sentences (by chrF) with their attention maps, recipe and
    environment.

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
    for name in ("history.csv", f"{part}.hypotheses.txt", "translator/translator.json"):
        if not (run / name).is_file():
            raise FileNotFoundError(
                f"Expected {run / name}; received a folder without it. Train the run to its end: "
                "kerasseq train."
            )
    recipe = load_recipe(run / "recipe.toml")
    batches = json.loads((run / "batches.json").read_text())
    corpus = build_data(recipe["data"])
    translator = Translator.load(run / "translator")
    pairs = list(getattr(corpus, part))
    hypotheses = (run / f"{part}.hypotheses.txt").read_text(encoding="utf-8").split("\n")[:-1]
    scores = json.loads((run / f"{part}.scores.json").read_text())
    sections = {
        "Scores": _table(_scores(part, scores, batches, translator)),
        "Curves": _svg(plot_history(run / "history.csv")) + _svg(_pace(run, recipe, batches)),
        "Quality by length": _svg(plot_quality_by_length(compare([run], part))),
        "Vocabulary": _table(_coverage(translator, pairs)),
        **_sentences(translator, pairs, hypotheses, count),
        "Recipe": f"<pre>{html.escape((run / 'recipe.toml').read_text(encoding='utf-8'))}</pre>",
        "Environment": _table(_flat(json.loads((run / "environment.json").read_text()))),
    }
    body = "\n".join(
        f"<section><h2>{title}</h2>{content}</section>" for title, content in sections.items()
    )
    page = PAGE.read_text(encoding="utf-8").replace("{{title}}", html.escape(run.name))
    path = pathlib.Path(path or run / "report.html")
    write_file(path, page.replace("{{body}}", body))
    return path


def _scores(part, scores, batches, translator):
    return {
        f"BLEU, {part}": f"{scores['bleu']:.2f}",
        "chrF": f"{scores['chrf']:.1f}",
        "exact matches": f"{scores['exact_match']:.1%} of {scores['lines']:,} lines",
        "perplexity": f"{scores['perplexity']:.3f}",
        "weights": f"{translator.model.count_params():,}",
        "training pairs": f"{batches['pairs']:,}",
        "padding": f"{1 - batches['filled']:.1%} of tokens, in {len(batches['shapes'])} shapes",
        "sacreBLEU": scores["signature"],
    }


def _pace(run, recipe, batches):
    log = (run / "log.txt").read_text(encoding="utf-8")
    seconds = [int(found) for found in re.findall(r"epoch \d+/\d+: (\d+) s", log)]
    steps = batches["batches"] * recipe["training"]["epochs"]
    schedule = build_schedule(recipe["training"], steps)
    marks = range(0, steps, max(1, steps // POINTS))
    rates = [(step, float(schedule(step)) if callable(schedule) else schedule) for step in marks]
    return plot_pace(rates, [batches["target_tokens"] / max(each, 1) for each in seconds])


def _coverage(translator, pairs):
    """The share of the part's tokens that each vocabulary knows."""
    found = {}
    for side, name in enumerate(("source", "target")):
        tokenizer = getattr(translator, name)
        ids = [token for pair in pairs for token in tokenizer.encode(pair[side])]
        known = sum(token != tokenizer.unknown_id for token in ids) / max(len(ids), 1)
        found[name] = f"{known:.2%} of {len(ids):,} tokens known, {tokenizer.vocabulary_size:,} ids"
    return found


def _sentences(translator, pairs, hypotheses, count):
    chrf = sacrebleu.CHRF()
    scored = [
        (chrf.sentence_score(ours, [theirs]).score, source, theirs, ours)
        for (source, theirs), ours in zip(pairs, hypotheses, strict=True)
    ]
    # A sentence of a word or two is perfect or lost by chance: the long ones say more.
    scored.sort(key=lambda row: (row[0], len(row[1])))
    chosen = {"The worst": scored[:count], "The best": scored[::-1][:count]}
    return {
        title: "".join(_sentence(translator, *row) for row in rows)
        for title, rows in chosen.items()
    }


def _sentence(translator, score, source, reference, hypothesis):
    rows = {
        "source": html.escape(source),
        "reference": html.escape(reference),
        "translation": html.escape(hypothesis),
        "chrF": f"{score:.1f}",
    }
    picture = ""
    if translator.model.attends:
        found = translator.attention(source)
        figure = attention_map(found.source_tokens, found.tokens, found.attention)
        picture = f"<details><summary>attention</summary>{_svg(figure)}</details>"
    return f"<article>{_table(rows, escaped=True)}{picture}</article>"


def _table(rows, escaped=False):
    cells = ((html.escape(n), v if escaped else html.escape(str(v))) for n, v in rows.items())
    lines = (f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in cells)
    return f"<table>{''.join(lines)}</table>"


def _flat(values):
    return {
        name: ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        for name, value in values.items()
    }


def _svg(figure):
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path"}):
        figure.savefig(text, format="svg")
    return text.getvalue()[text.getvalue().index("<svg") :]
