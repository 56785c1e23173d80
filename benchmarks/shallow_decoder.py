"""Sentences a second of a deep encoder with a shallow decoder, beside as many blocks in each.

python benchmarks/shallow_decoder.py [rounds]

All have eight blocks and the sizes of `translators_compared.py`, random weights, and write 14
tokens a line. They take turns on the same lines, in one process on one thread; printed are medians
and their ratio to as many blocks on either side.
"""

import statistics
import sys
import tempfile
import time

from kerasseq.export import SavedTranslator
from machine import processor

# This sets the threads, so it comes first.
from translators_compared import LINES, SEARCHES, make_translator, words_and_lines

DEPTHS = {"4 + 4": (4, 4), "6 + 2": (6, 2), "7 + 1": (7, 1)}
EVEN = "4 + 4"


def main(rounds):
    """Prints the table."""
    words, lines = words_and_lines()
    models, seconds = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for search in SEARCHES:
            for depth, layers in DEPTHS.items():
                translator = make_translator(words, 100, *layers)
                translator.search = SEARCHES[search]
                translator.export(f"{folder}/{search} {depth}", lines[:2])
                models[search, depth] = SavedTranslator(f"{folder}/{search} {depth}")
        for turn in range(rounds + 1):
            for batch_size in (1, 32):
                for key, model in models.items():
                    count = LINES if batch_size > 1 else LINES // 4
                    started = time.perf_counter()
                    for first in range(0, count, batch_size):
                        model(lines[first : first + batch_size])
                    if turn:
                        taken = time.perf_counter() - started
                        seconds.setdefault((batch_size, *key), []).append(count / taken)
    print(f"{processor()}, one thread, SavedModels, median (spread) of {rounds} turns")
    for (batch_size, search, depth), rates in seconds.items():
        rate, even = (
            statistics.median(seconds[batch_size, search, each]) for each in (depth, EVEN)
        )
        spread = f"({min(rates):.0f}-{max(rates):.0f})"
        print(
            f"{search}, batch {batch_size:2}, {depth} blocks: {rate:6.0f} {spread:>10} "
            f"sentences/s   ×{rate / even:.2f}"
        )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(int((sys.argv[1:] or [5])[0]))
