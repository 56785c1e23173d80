"""The curves of runs."""

import csv
import pathlib

import matplotlib
import matplotlib.figure
import matplotlib.ticker

from kerasseq.plots.save_figure import save_figure


def plot_history(csv_path, path=None):
    """Draws perplexity and token accuracy by epoch, training and validation.

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
    return _draw([(rows, "", "training", {}), (rows, "val_", "validation", {})], path)


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
    return rows


def _draw(lines, path, note=None):
    """A panel a metric, of lines: rows, the prefix of their column, a label and a style."""
    figure = matplotlib.figure.Figure(figsize=(8, 3.2), layout="constrained")
    for place, (name, title) in enumerate(
        (("perplexity", "perplexity"), ("token_accuracy", "token accuracy")), 1
    ):
        axes = figure.add_subplot(1, 2, place)
        for rows, prefix, label, style in lines:
            epochs = [int(row["epoch"]) + 1 for row in rows]
            values = [float(row[prefix + name]) for row in rows]
            axes.plot(epochs, values, label=label, **{"marker": "o"} | style)
        axes.set_title(title, loc="left")
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
        if name == "perplexity":
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_minor_formatter("")
            axes.legend(frameon=False, title=note)
    save_figure(figure, path)
    return figure
