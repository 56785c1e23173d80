"""The curves of runs."""

import csv
import math
import pathlib

import matplotlib
import matplotlib.ticker

from kerasseq.plots.figure import Figure
from kerasseq.plots.fonts import settings
from kerasseq.plots.save_figure import save_figure

PANELS = {
    "loss": "loss",
    "perplexity": "perplexity",
    "token_accuracy": "token accuracy",
    "bleu": "BLEU",
    "accuracy": "accuracy",
    "binary_accuracy": "accuracy of each label",
    "micro_f1": "F1 of all labels",
    "f1": "F1",
    "mean_absolute_error": "mean absolute error",
}

MARKED = 20  # epochs of which each has a dot


def plot_history(csv_path, path=None):
    """Draws loss, perplexity and token accuracy by epoch, training and validation.

    Validation BLEU too, where the run measured it (a recipe's `training.quality_every`). Of other
    tasks than translators the accuracy, F1 or mean absolute error of their answers.

    Args:
        csv_path: path of a run's `history.csv`.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without an epoch.
    """
    rows = _read(csv_path)
    lines = [
        (rows, "", "training", {"color": "C0"}),
        (rows, "val_", "validation", {"color": "C1"}),
    ]
    return _draw(lines, path)


def plot_histories(csv_paths, path=None):
    """Draws the curves of several runs over each other, training in dashes.

    Args:
        csv_paths: dict from the runs' names to paths of their `history.csv`.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without an epoch.
    """
    lines = []
    for i, (name, csv_path) in enumerate(csv_paths.items()):
        rows, style = _read(csv_path), {"color": f"C{i}"}
        lines.append((rows, "val_", name, style))
        lines.append((rows, "", None, style | {"linestyle": "--", "marker": "", "alpha": 0.6}))
    return _draw(lines, path, "dashed: training")


def _read(csv_path):
    if not pathlib.Path(csv_path).is_file():
        raise FileNotFoundError(
            f"Expected a run's history at {csv_path}; received no such file. Name the folder of a "
            "trained run."
        )
    with open(csv_path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f"Expected at least one epoch in {csv_path}; received none. Train first.")
    measured = [column for column in rows[0] if any(row[column] for row in rows)]
    return [{column: row[column] for column in measured} for row in rows]


def _draw(lines, path, note=None):
    """A panel a metric, of lines: rows, the prefix of their column, a label and a style."""
    columns = {column for rows, *_ in lines for column in rows[0]}
    metrics = [metric for metric in PANELS if {metric, f"val_{metric}"} & columns]
    across = 3 if len(metrics) == 3 else 2
    down = math.ceil(len(metrics) / across)
    with matplotlib.rc_context(settings(label for _, _, label, _ in lines if label)):
        figure = Figure(figsize=(8, 2.8 * down), layout="constrained")
        for place, metric in enumerate(metrics, 1):
            axes = figure.add_subplot(down, across, place)
            labelled = _panel(axes, metric, lines)
            if place == 1 and note is None:
                axes.legend(*zip(*labelled, strict=True), frameon=False)
            elif place == 1:  # names of runs may be long: above the panels
                figure.legend(
                    *zip(*labelled, strict=True), loc="outside upper left", frameon=False,
                    title=note, alignment="left", ncols=min(2, len(labelled)),
                )  # fmt: skip
        save_figure(figure, path)
    return figure


def _panel(axes, metric, lines):
    """Draws one metric of all lines; those with a label, and their labels."""
    labelled = []
    for rows, prefix, label, style in lines:
        column = prefix + metric
        if column not in rows[0]:
            continue
        epochs = [int(row["epoch"]) + 1 for row in rows]
        values = [float(row[column] or "nan") for row in rows]  # empty: not measured
        marker = "o" if len(epochs) <= MARKED else ""
        (line,) = axes.plot(epochs, values, **{"marker": marker} | style)
        if label:
            labelled.append((line, label))
    axes.set_title(PANELS[metric], loc="left")
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    if metric == "perplexity":
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter("")
    return labelled
