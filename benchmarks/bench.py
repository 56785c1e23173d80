"""Every race of speed in one command, and its history by commit.

python benchmarks/bench.py [TABLE …]   # all of TABLES that need no data, or those that are named
python benchmarks/bench.py plot        # the history's ratios, docs/images/speed.png

A table is a benchmark of this folder, in which all ways take turns in one process. Its lines are
printed as they come, and each way's rate and its ratio to the first way go into
docs/results/speed.csv, with the commit, the day and the processor: only ratios of one row compare
with those of another.
"""

import collections
import csv
import datetime
import pathlib
import re
import subprocess
import sys

import matplotlib.pyplot as plt

from machine import processor

BENCHMARKS = pathlib.Path(__file__).parent
ROOT = BENCHMARKS.parent
HISTORY = ROOT / "docs" / "results" / "speed.csv"
PICTURE = ROOT / "docs" / "images" / "speed.png"
TABLES = {
    "decoding": ["translators_compared.py", "100", "5"],
    "phone": ["lite_compared.py", "100", "5"],
    "depth": ["shallow_decoder.py", "5"],
    "training": ["training_speed.py"],  # reads KERASSEQ_DATA, or fetches Multi30k
}
COLUMNS = ["commit", "day", "processor", "table", "way", "rate", "unit", "ratio"]
# "greedy, batch  1: Python    43 (40-45) sentences/s   ×0.48"
LINE = re.compile(
    r"^(?P<way>\S.*?)\s{2,}(?P<rate>\d+)\s+(\(\S+\)\s+)?(?P<unit>\S.*/s)\s+×(?P<ratio>[\d.]+)$"
)


def row_of(line):
    """A printed line's way, rate, unit and ratio: a dict of str; None for another line."""
    found = LINE.match(line.rstrip())
    return found and {
        name: re.sub(" +", " ", value).rstrip(":") for name, value in found.groupdict().items()
    }


def run(table):
    """Runs a benchmark, prints what it prints, and returns its rows."""
    command = [sys.executable, BENCHMARKS / TABLES[table][0], *TABLES[table][1:]]
    rows = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if row := row_of(line):
                rows.append({"table": table, **row})
    if process.returncode or not rows:
        raise SystemExit(f"{table} did not finish; its rows are not kept.")
    return rows


def commit():
    """The commit that is checked out, short, with "+" where files were changed since."""
    command = ["git", "describe", "--always", "--exclude=*", "--dirty=+"]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()


def keep(rows):
    """Appends rows to the history."""
    here = {
        "commit": commit(),
        "day": datetime.date.today().isoformat(),
        "processor": processor(),
    }
    new = not HISTORY.is_file()
    with HISTORY.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="ignore")
        if new:
            writer.writeheader()
        writer.writerows(here | row for row in rows)


def plot():
    """Draws the ratios of each table's ways: the newest commit's, and those before it fainter."""
    with HISTORY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    panels = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        if float(row["ratio"]) != 1.0:
            panels[row["table"]][row["way"]].append((float(row["ratio"]), row["commit"]))
    heights = [len(ways) + 2 for ways in panels.values()]
    figure, axes = plt.subplots(
        len(panels),
        figsize=(7, 0.27 * sum(heights)),
        height_ratios=heights,
        squeeze=False,
        sharex=True,
        layout="constrained",
    )
    for axis, (table, ways) in zip(axes[:, 0], panels.items(), strict=True):
        newest = [row["commit"] for row in rows if row["table"] == table][-1]
        for place, found in enumerate(ways.values()):
            before = [ratio for ratio, commit in found if commit != newest]
            now = [ratio for ratio, commit in found if commit == newest]
            axis.plot(before, [place] * len(before), "o", color="tab:blue", alpha=0.3)
            axis.plot(now, [place] * len(now), "o", color="tab:blue")
        axis.axvline(1.0, color="grey", linewidth=0.8)
        axis.set_yticks(range(len(ways)), list(ways), fontsize="small")
        axis.set_ylim(len(ways) - 0.5, -0.5)
        axis.grid(axis="x", alpha=0.3)
        axis.set_title(f"{table}, {newest}", loc="left", fontsize="medium")
    axes[-1, 0].set_xlim(0, 1.05 * max(float(row["ratio"]) for row in rows))
    axes[-1, 0].set_xlabel("× the first way of the table, in one run")
    figure.savefig(PICTURE, dpi=110)
    plt.close(figure)
    print(PICTURE)


def main(arguments):
    """Runs what is asked for."""
    if arguments == ["plot"]:
        return plot()
    if unknown := sorted(set(arguments) - set(TABLES)):
        raise SystemExit(f"Expected tables of {', '.join(TABLES)}; received {unknown}.")
    for table in arguments or TABLES:
        keep(run(table))
    return plot()


if __name__ == "__main__":
    main(sys.argv[1:])
