"""The scores of a run with its size, time and settings, as rows of a table."""

import csv
import math
import pathlib

import safetensors

from kerasseq.recipes.courses import course_of
from kerasseq.recipes.recipe import load_recipe
from kerasseq.recipes.run_log import epoch_seconds
from kerasseq.recipes.sections import kind_of
from kerasseq.untrusted import door, read_json

WRITTEN = {"bleu": "BLEU", "chrf": "chrF"}
ROUGE = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}


@door("a run that kerasseq train filled", "Name the folder of another.")
def run_scores(run, part):
    """Collects the scores of an evaluated run, formatted for a reader.

    Args:
        run: path of a run folder that `kerasseq train` filled.
        part: "validation" or "test".

    Returns:
        dict from names to str.

    Raises:
        FileNotFoundError: for a run that was not trained or not evaluated.
    """
    run = pathlib.Path(run)
    _check_files(run, "history.csv", "log.txt", "batches.json")
    recipe = load_recipe(run / "recipe.toml")
    kind, course = kind_of(recipe), course_of(recipe)
    written = "hypotheses.txt" if kind == "translator" else "scores.json"
    _check_files(run, f"{kind}/{kind}.json", f"{part}.{written}")
    with (run / "history.csv").open(newline="", encoding="utf-8") as file:
        epochs = list(csv.DictReader(file))
    choose = {"min": min, "max": max}[course.mode]
    best = choose(epochs, key=lambda row: float(row[course.best]))
    scores = read_json(run / f"{part}.scores.json")
    batches = read_json(run / "batches.json")
    with safetensors.safe_open(run / kind / "model.safetensors", "numpy") as file:
        names = file.keys()
        weights = sum(math.prod(file.get_slice(name).get_shape()) for name in names)
    monitored = course.best.removeprefix("val_").replace("_", " ")
    return {
        **(_of_translations(scores, part) if kind == "translator" else _of_answers(scores, part)),
        "epochs": f"{len(epochs)}, best validation {monitored} in {int(best['epoch']) + 1}",
        "training": f"{sum(epoch_seconds(run)) / 60:.1f} min",
        "weights": f"{weights:,}",
        # Runs of earlier versions do not say rows.
        f"training {course.unit}": f"{batches.get('rows', batches.get('pairs')):,}",
        **_padding(batches),
        **({"sacreBLEU": scores["signature"]} if "signature" in scores else {}),
    }


def _padding(batches):
    """How much of the batches is padding; nothing for rows of one length."""
    if "filled" not in batches:
        return {}
    return {"padding": f"{1 - batches['filled']:.1%} of tokens, in {len(batches['shapes'])} shapes"}


def _check_files(run, *names):
    for name in names:
        if not (run / name).is_file():
            raise FileNotFoundError(
                f"Expected {run / name}; received a folder without it. Train the run to its end: "
                "kerasseq train."
            )


def _of_translations(scores, part):
    # Runs of earlier versions do not say.
    repeating = {"repeat themselves": f"{scores['repeating']:.1%}"} if "repeating" in scores else {}
    rouge = {said: f"{scores[kind]:.2f}" for kind, said in ROUGE.items() if kind in scores}
    return {
        **rouge,
        f"BLEU, {part}": f"{scores['bleu']:.2f}",
        "chrF": f"{scores['chrf']:.1f}",
        "exact matches": f"{scores['exact_match']:.1%} of {scores['lines']:,} lines",
        **repeating,
        "perplexity": f"{scores['perplexity']:.3f}",
    }


def _of_answers(scores, part):
    return {
        f"{WRITTEN.get(name, name.replace('_', ' '))}, {part}": short(each)
        for name, each in scores.items()
        if not isinstance(each, dict) and name != "signature"
    }


def short(score):
    """A score, or a number of rows, as a reader wants it: str."""
    return f"{score:.3f}" if isinstance(score, float) else f"{score:,}"
