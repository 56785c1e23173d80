"""The learning rate and the speed of a run."""

from kerasseq.plots.figure import Figure
from kerasseq.plots.save_figure import save_figure


def plot_pace(rates, speeds, path=None, *, unit="target tokens"):
    """Draws the learning rate by step and the training speed by epoch.

    Args:
        rates: list of pairs of int and float, steps and their learning rates.
        speeds: list of float, real tokens a second of each epoch.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.
        unit: str, what the speeds count.

    Returns:
        matplotlib.figure.Figure.
    """
    figure = Figure(figsize=(8, 2.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(*zip(*rates, strict=True))
    left.set_title("learning rate", loc="left")
    left.set_xlabel("step")
    left.ticklabel_format(axis="y", style="sci", scilimits=(-3, 3))
    right.bar(range(1, len(speeds) + 1), speeds)
    right.set_title(f"{unit} a second", loc="left")
    right.set_xlabel("epoch")
    right.xaxis.get_major_locator().set_params(integer=True)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_ylim(bottom=0)
    save_figure(figure, path)
    return figure
