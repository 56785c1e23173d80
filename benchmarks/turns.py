"""Ways that take turns, so that whatever else the machine does meets all of them."""

import statistics
import sys
import time

TURNS, BATCHES = 7, 20


def in_turns(ways, turns, clock=time.perf_counter):
    """Seconds of each way in each turn.

    Args:
        ways: dict from names to functions without arguments.
        turns: int; one more comes first, in which what is traced is traced, and is not counted.
        clock: function without arguments that gives seconds; by default those of the wall.

    Returns:
        dict from names to lists of `turns` floats.
    """
    seconds = {name: [] for name in ways}
    for turn in range(turns + 1):
        for name, way in ways.items():
            started = clock()
            way()
            if turn:
                seconds[name].append(clock() - started)
        if turn:
            print(f"turn {turn}/{turns}", file=sys.stderr)
    return seconds


def training_rates(ways, batches, tokens_of):
    """Tokens a second of ways to train, in each of `TURNS` turns.

    Args:
        ways: dict from names to functions that train on one batch.
        batches: list of batches, `BATCHES` for each of the turns that differ; each way trains
            on all of them once before the first turn, so that every shape is traced.
        tokens_of: function from a batch to how many tokens count.

    Returns:
        dict from names to lists of float.
    """
    starts = [turn * BATCHES % len(batches) for turn in range(TURNS)]
    parts = [batches, *(batches[first : first + BATCHES] for first in starts)]

    def trained(way):
        turn = iter(parts)
        return lambda: [way(*batch) for batch in next(turn)]

    seconds = in_turns({name: trained(way) for name, way in ways.items()}, TURNS)
    tokens = [sum(tokens_of(*batch) for batch in part) for part in parts[1:]]
    return {
        name: [count / each for count, each in zip(tokens, values, strict=True)]
        for name, values in seconds.items()
    }


def print_rates(rates, unit, first=None):
    """Prints a line for each way: the median rate, its spread, and the ratio to another's.

    Args:
        rates: dict from names to lists of float.
        unit: str, of the rates.
        first: dict from names to the names of those that are ×1; by default the first of all.
    """
    medians = {name: statistics.median(values) for name, values in rates.items()}
    width = max(map(len, medians))
    for name, rate in medians.items():
        values = rates[name]
        spread = f"({min(values):.0f}-{max(values):.0f})"
        ratio = rate / medians[first[name] if first else next(iter(medians))]
        print(f"{name:{width}}  {rate:7.0f} {spread:>15} {unit}   ×{ratio:.2f}")
