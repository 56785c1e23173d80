"""Sentences a second of a deep encoder with a shallow decoder, beside as many blocks in each.

python benchmarks/shallow_decoder.py [rounds]

All have eight blocks and the sizes of `translators_compared.py`, random weights, and write 14
tokens a line. They take turns on the same lines, in one process on one thread; printed are medians
and their ratio to as many blocks on either side.
"""

import functools
import itertools
import sys
import tempfile

from kerasseq.export import SavedTranslator
from machine import processor

# This sets the threads, so it comes first.
from translators_compared import LINES, SEARCHES, make_translator, words_and_lines
from turns import in_turns, print_rates

DEPTHS = {"4 + 4": (4, 4), "6 + 2": (6, 2), "7 + 1": (7, 1)}
EVEN = "4 + 4"


def in_batches(model, lines, size):
    """Translates lines, `size` at a time."""
    for first in range(0, len(lines), size):
        model(lines[first : first + size])


def main(rounds):
    """Prints the table."""
    words, lines = words_and_lines()
    models = {}
    with tempfile.TemporaryDirectory() as folder:
        for search in SEARCHES:
            for depth, layers in DEPTHS.items():
                translator = make_translator(words, 100, *layers)
                translator.search = SEARCHES[search]
                translator.export(f"{folder}/{search} {depth}", lines[:2])
                models[search, depth] = SavedTranslator(f"{folder}/{search} {depth}")
        ways, counts, even = {}, {}, {}
        for batch_size, (search, depth) in itertools.product((1, 32), models):
            key = f"{search}, batch {batch_size:2}, {depth} blocks:"
            counts[key] = LINES if batch_size > 1 else LINES // 4
            ways[key] = functools.partial(
                in_batches, models[search, depth], lines[: counts[key]], batch_size
            )
            even[key] = f"{search}, batch {batch_size:2}, {EVEN} blocks:"
        seconds = in_turns(ways, rounds)
    print(f"{processor()}, one thread, SavedModels, median (spread) of {rounds} turns")
    rates = {key: [counts[key] / each for each in values] for key, values in seconds.items()}
    print_rates(rates, "sentences/s", even)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(int((sys.argv[1:] or [5])[0]))
