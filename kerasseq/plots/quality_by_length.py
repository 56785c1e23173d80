"""Quality against the length of the source."""

import matplotlib

from kerasseq.plots.figure import Figure
from kerasseq.plots.fonts import settings
from kerasseq.plots.save_figure import save_figure


def plot_quality_by_length(comparison, path=None):
    """Draws BLEU by source length, one line a run; says whether capitals count.

    Args:
        comparison: dict, from `kerasseq.reports.compare`.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.

    Returns:
        matplotlib.figure.Figure.
    """
    bins, runs = comparison["bins"], comparison["runs"]
    cases = ["lower case" if each else "capitals count" for each in comparison["lowercase"]]
    alike = len(set(cases)) == 1
    if not alike:
        runs = [f"{run}, {case}" for run, case in zip(runs, cases, strict=True)]
    with matplotlib.rc_context(settings(runs)):
        figure = Figure(figsize=(6, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for column in range(len(runs)):
            axes.plot([each["bleu"][column] for each in bins], marker="o")
        labels = ["–".join(map(str, sorted(set(each["words"])))) for each in bins]
        labels = [
            f"{words}\n{each['lines']} lines" for words, each in zip(labels, bins, strict=True)
        ]
        axes.set_xticks(range(len(bins)), labels)
        axes.set_xlabel("words of the source")
        axes.set_ylabel(f"BLEU, {cases[0]}" if alike else "BLEU")
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        # Lines and labels are given: matplotlib hides the label of a line that begins with "_".
        axes.legend(axes.lines, runs, frameon=False)
        save_figure(figure, path)
    return figure
