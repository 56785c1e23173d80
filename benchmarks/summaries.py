"""ROUGE of a run of `dialogsum`, beside what needs no model.

python benchmarks/summaries.py RUN

`lead-n` is the first n turns of a dialogue, `longest-n` its n longest, in their order, and `one for
all` the same training summary for every dialogue, the best of 300. Their n, and that summary, are
chosen on the validation part by the mean of the three ROUGEs.
"""

import pathlib
import re
import sys

import kerasseq as ks
from kerasseq.metrics import rouge_scores
from kerasseq.recipes.evaluate import read_evaluation
from machine import processor

TURN = re.compile(r"(?=#Person\d#:)")
NUMBERS = range(1, 6)
TRIED = 300  # summaries


def turns(dialogue):
    """The turns of a dialogue, each with who speaks: a list of str."""
    return [each.strip() for each in TURN.split(dialogue) if each.strip()]


def lead(dialogue, number):
    """The first turns."""
    return " ".join(turns(dialogue)[:number])


def longest(dialogue, number):
    """The longest turns, in their order."""
    every = turns(dialogue)
    chosen = sorted(range(len(every)), key=lambda i: -len(every[i].split()))[:number]
    return " ".join(every[i] for i in sorted(chosen))


def systems(training):
    """Summarisers without a model, by name: functions of a dialogue."""
    return {
        "lead": {f"lead-{n}": lambda text, n=n: lead(text, n) for n in NUMBERS},
        "longest": {f"longest-{n}": lambda text, n=n: longest(text, n) for n in NUMBERS},
        "one for all": {f"“{each}”": lambda _, each=each: each for each in training},
    }


def main(run):
    """Prints a row for each system."""
    parts = {part: read_evaluation(run, part) for part in ("validation", "test")}
    print(f"{processor()}; {', '.join(f'{len(p[0])} {name} pairs' for name, p in parts.items())}")
    print(f"{'':24} ROUGE-1 ROUGE-2 ROUGE-L, validation, then test")
    summaries = list(dict.fromkeys(ks.data.load("dialogsum").train.targets()))[:TRIED]
    for name, variants in systems(summaries).items():
        sources, references, _ = parts["validation"]
        mean = {
            each: sum(rouge_scores(list(map(variant, sources)), references).values())
            for each, variant in variants.items()
        }
        best = max(mean, key=lambda each: mean[each])
        found = [list(map(variants[best], sources)) for sources, *_ in parts.values()]
        show(name if len(best) > 24 else best, found, parts)
        if len(best) > 24:
            print(f"    {best}")
    show(f"run {pathlib.Path(run).name}", [found for *_, found in parts.values()], parts)


def show(name, found, parts):
    """A row."""
    rows = zip(found, parts.values(), strict=True)
    scores = [rouge_scores(own, references) for own, (_, references, _) in rows]
    figures = "   ".join(" ".join(f"{value:7.2f}" for value in each.values()) for each in scores)
    print(f"{name:24} {figures}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
