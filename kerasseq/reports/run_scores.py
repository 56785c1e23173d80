"""The scores of a run with its size, time and settings, as rows of a table."""

import csv
import math
import pathlib

import safetensors

from kerasseq.recipes.run_log import epoch_seconds
from kerasseq.untrusted import door, read_json


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
    trained = ("history.csv", "log.txt", "batches.json", "translator/translator.json")
    for name in (*trained, f"{part}.hypotheses.txt"):
        if not (run / name).is_file():
            raise FileNotFoundError(
                f"Expected {run / name}; received a folder without it. Train the run to its end: "
                "kerasseq train."
            )
    with (run / "history.csv").open(newline="", encoding="utf-8") as file:
        epochs = list(csv.DictReader(file))
    best = min(epochs, key=lambda row: float(row["val_perplexity"]))
    scores = read_json(run / f"{part}.scores.json")
    batches = read_json(run / "batches.json")
    with safetensors.safe_open(run / "translator" / "model.safetensors", "numpy") as file:
        names = file.keys()
        weights = sum(math.prod(file.get_slice(name).get_shape()) for name in names)
    # Runs of earlier versions do not say.
    repeating = {"repeat themselves": f"{scores['repeating']:.1%}"} if "repeating" in scores else {}
    return {
        f"BLEU, {part}": f"{scores['bleu']:.2f}",
        "chrF": f"{scores['chrf']:.1f}",
        "exact matches": f"{scores['exact_match']:.1%} of {scores['lines']:,} lines",
        **repeating,
        "perplexity": f"{scores['perplexity']:.3f}",
        "epochs": f"{len(epochs)}, best validation perplexity in {int(best['epoch']) + 1}",
        "training": f"{sum(epoch_seconds(run)) / 60:.1f} min",
        "weights": f"{weights:,}",
        "training pairs": f"{batches['pairs']:,}",
        "padding": f"{1 - batches['filled']:.1%} of tokens, in {len(batches['shapes'])} shapes",
        "sacreBLEU": scores["signature"],
    }
