"""The figure of the page on one vector, from what the page's own code measures.

python docs/draw/one_vector.py
"""

import pathlib
import re

import matplotlib.figure
import matplotlib.ticker

DOCS = pathlib.Path(__file__).parents[1]


def main():
    """Runs the page's code, and draws the shares that it finds."""
    page = (DOCS / "story" / "one_vector.md").read_text(encoding="utf-8")
    found = {}
    exec("\n".join(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)), found)
    figure = matplotlib.figure.Figure(figsize=(6.4, 2.8), layout="constrained")
    axes = figure.add_subplot()
    colours = {"one vector": "#d1603d", "attention": "#2463c4"}
    for name, shares in found["by_length"].items():
        axes.plot(found["LENGTHS"], shares, marker="o", color=colours[name], label=name)
    axes.set_xlabel("letters of the row")
    axes.set_title("said back without a fault", loc="left", fontsize=10)
    axes.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(matplotlib.ticker.MultipleLocator(2))
    axes.set_ylim(-0.03, 1.05)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    path = DOCS / "images" / "one_vector.png"
    figure.savefig(path, dpi=120)
    print(path)


if __name__ == "__main__":
    main()
