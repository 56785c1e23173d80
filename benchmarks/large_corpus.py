"""Corpora of any size: pairs a second, memory, and the start of an epoch.

python benchmarks/large_corpus.py rate FOLDER
python benchmarks/large_corpus.py memory FOLDER 1000000 10000000

Text is made of Multi30k's pairs (of number words where `KERASSEQ_DATA` has none), a number that no
other pair has on both sides of each, so that no two pairs are equal. `rate` makes batches of 4,096
tokens of 100,000 pairs in turns: streamed from text, and from ids in memory and on disk. `memory`
prepares ids in FOLDER, in a process of its own, and then in another one opens them, plans an epoch
and reads it, as `train` does with `data.prepared`. Printed are pairs a second on as many cores as
the process may use, seconds to the first batch, and resident memory (VmRSS) at the quarters of the
epoch and at its peak (VmHWM). Of more than a million pairs the ids of a million are repeated. What
is made in FOLDER is removed.
"""

import collections
import functools
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from machine import memory
from turns import in_turns, print_rates

TURNS, PAIRS, MADE = 3, 100_000, 1_000_000
OPTIONS = {"tokens_per_batch": 4096, "shuffle": True, "seed": 1, "max_length": 100}


def made_pairs(count):
    """A ParallelText of so many pairs, streamed."""
    from kerasseq.data import ParallelText, load

    try:
        pairs = list(load("multi30k", "de", "en").train)
    except (FileNotFoundError, OSError):
        pairs = list(load("numbers").train)

    def numbered():
        for number, (source, target) in zip(range(count), itertools.cycle(pairs), strict=False):
            yield f"{source} {number}", f"{target} {number}"

    return ParallelText(count, numbered)


def tokenizers():
    """Word tokenizers of 10,000 words a side, without the numbers."""
    from kerasseq.text import WordTokenizer

    pairs = made_pairs(29_000)
    return [
        WordTokenizer.train(side, min_frequency=2) for side in (pairs.sources(), pairs.targets())
    ]


def rate(folder):
    """Pairs a second of each way, in turns."""
    corpus, both = made_pairs(PAIRS), tokenizers()
    ids = corpus.prepare(folder / "rate", *both)
    ways = {
        "streamed": corpus.batches(*both, **OPTIONS),
        "ids in memory": corpus.batches(*both, cache=True, **OPTIONS),
        "ids on disk": ids.batches(**OPTIONS),
    }
    read = {name: functools.partial(collections.deque, each, 0) for name, each in ways.items()}
    seconds = in_turns(read, TURNS)
    rates = {name: [PAIRS / each for each in values] for name, values in seconds.items()}
    cores = len(os.sched_getaffinity(0))
    print(f"{PAIRS:,} pairs, {cores} cores, median of {TURNS} turns")
    print_rates(rates, "pairs/s")


def prepare(folder, count):
    """Prepares ids."""
    made = min(count, MADE)
    corpus, both = made_pairs(made), tokenizers()
    started = time.perf_counter()
    corpus.prepare(folder, *both)
    seconds = time.perf_counter() - started
    repeat(folder, count // made)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
    print(
        f"{made:,} pairs prepared: {made / seconds:,.0f} pairs/s, peak {memory('VmHWM')} MiB; "
        f"{size:,.0f} MiB on disk for {count:,}"
    )


def repeat(folder, times):
    """Makes prepared ids those of so many times the corpus."""
    from kerasseq.manifest import write_manifest

    for name in ("ids.bin", "lengths.bin"):
        content = (folder / name).read_bytes()
        with (folder / name).open("ab") as file:
            for _ in range(times - 1):
                file.write(content)
    about = json.loads((folder / "prepared.json").read_text())
    about["parts"] = [part * times for part in about["parts"]]
    (folder / "prepared.json").write_text(json.dumps(about))
    write_manifest(folder, ["ids.bin", "lengths.bin", "prepared.json"])


def read(folder, count):
    """Opens ids, and reads an epoch."""
    both = tokenizers()
    before, started = memory(), time.perf_counter()
    from kerasseq.data import PairIds

    plan = PairIds.open(folder, *both).plan(**OPTIONS)
    report = plan.describe()
    batches = iter(plan.batches())
    next(batches)
    first = time.perf_counter() - started
    quarters, marks = [], [report["batches"] * quarter // 4 for quarter in (1, 2, 3)]
    started = time.perf_counter()
    for number, _ in enumerate(batches, 1):
        if number in marks:
            quarters.append(memory())
    seconds = time.perf_counter() - started
    print(
        f"{count:,} pairs read: first batch after {first:.1f} s; {report['pairs'] / seconds:,.0f} "
        f"pairs/s; memory {before} MiB before, {', '.join(map(str, quarters))} at the quarters, "
        f"{memory()} at the end, peak {memory('VmHWM')}"
    )


if __name__ == "__main__":
    what, place, *counts = sys.argv[1:]
    place = pathlib.Path(place)
    if what == "rate":
        try:
            rate(place)
        finally:
            shutil.rmtree(place / "rate", ignore_errors=True)
    elif what == "memory":
        for each in counts:
            try:
                for step in ("prepare", "read"):
                    command = [sys.executable, __file__, step, place / f"ids-{each}", each]
                    subprocess.run(command, check=True)
            finally:
                shutil.rmtree(place / f"ids-{each}", ignore_errors=True)
    else:
        {"prepare": prepare, "read": read}[what](place, int(counts[0]))
