"""Ways to train that take turns on the same batches."""

import statistics
import sys
import time

import torch

TURNS, BATCHES = 7, 20


def race(ways, batches, tokens_of, unit):
    """Times each way in every turn, and prints the median rates and their ratio to the first.

    Args:
        ways: dict from names to functions that train on one batch.
        batches: list of batches, `BATCHES` for each of the turns that differ; each way trains
            on all of them once before the first turn, so that every shape is traced.
        tokens_of: function from a batch to how many tokens count.
        unit: str, what is counted a second.
    """
    for way in ways.values():
        for batch in batches:
            way(*batch)
    rates = {name: [] for name in ways}
    for turn in range(TURNS):
        first = turn * BATCHES % len(batches)
        chosen = batches[first : first + BATCHES]
        tokens = sum(tokens_of(*batch) for batch in chosen)
        for name, way in ways.items():
            started = time.perf_counter()
            for batch in chosen:
                way(*batch)
            rates[name].append(tokens / (time.perf_counter() - started))
            print(f"turn {turn + 1}/{TURNS}: {name} {rates[name][-1]:.0f}", file=sys.stderr)
    base = statistics.median(next(iter(rates.values())))
    print(f"{torch.get_num_threads()} threads, median of {TURNS} turns of {BATCHES} batches")
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"{name:40} {rate:6.0f} {unit}   ×{rate / base:.2f}")
