"""What a corpus and a service cost in machines, from measured rates.

python benchmarks/costs.py [NAME=NUMBER ...]

Without arguments it counts with the rates of docs/results, which one core of an Intel Xeon with
AVX-512 gave; give your own, measured by the command that stands beside each: `train=250000`. Any
name that is printed may be given. Prices are yours: `core_hour=0.05` adds a column of money.
"""

import sys

# By name: the number, its unit, and what gave it.
RATES = {
    "prepare": (15_500, "pairs/s", "benchmarks/large_corpus.py memory, SentencePiece"),
    "read": (160_000, "pairs/s", "benchmarks/large_corpus.py memory"),
    "disk": (58, "bytes a pair", "benchmarks/large_corpus.py memory"),
    "memory": (67, "bytes a pair", "benchmarks/large_corpus.py memory, at its peak"),
    "train": (10_200, "tokens/s", "kerasseq train multi30k, 2.4 M weights"),
    "bulk": (160, "lines/s", "benchmarks/bench.py decoding, beam 4, 32 at once"),
    "serve": (32, "requests/s", "benchmarks/bench.py decoding, beam 4, one at a time"),
}
# What is asked for.
ASKED = {
    "pairs": (1e9, "of the corpus"),
    "tokens": (33, "of a pair, both sides"),
    "epochs": (1, ""),
    "requests": (1e6, "a day"),
    "peak": (3, "the busiest hour over the mean"),
    "load": (0.6, "of what a core can, so that requests do not queue"),
    "core_hour": (0, "its price"),
}


def rows(given):
    """What is to be done, its amount, and the formula.

    Args:
        given: dict from all names to numbers.

    Returns:
        list of (name, amount, unit, formula); the amounts of hours are those of one core.
    """
    of = dict(given)
    hour = 3600
    return [
        ("tokenise once", of["pairs"] / of["prepare"] / hour, "core hours", "pairs / prepare"),
        ("ids on disk", of["pairs"] * of["disk"] / 2**30, "GiB", "pairs · disk"),
        ("memory a process", of["pairs"] * of["memory"] / 2**30, "GiB", "pairs · memory"),
        (
            "read, an epoch", of["epochs"] * of["pairs"] / of["read"] / hour, "core hours",
            "epochs · pairs / read",
        ),
        (
            "train", of["epochs"] * of["pairs"] * of["tokens"] / of["train"] / hour, "core hours",
            "epochs · pairs · tokens / train",
        ),
        ("translate each line", of["pairs"] / of["bulk"] / hour, "core hours", "pairs / bulk"),
        (
            "serve", of["requests"] * of["peak"] / 86_400 / of["serve"] / of["load"], "cores",
            "requests · peak / 86,400 / serve / load",
        ),
    ]  # fmt: skip


def main(arguments):
    """Prints the tables."""
    given = {name: each[0] for name, each in (RATES | ASKED).items()}
    for each in arguments:
        name, sign, value = each.partition("=")
        if not sign or name not in given:
            sys.exit(f"Expected NAME=NUMBER, of {', '.join(given)}; received {each}. Name one.")
        given[name] = float(value)
    for name, (_, unit, source) in RATES.items():
        print(f"{name:10} {given[name]:>15,.10g} {unit:13} {source}")
    for name, (_, what) in ASKED.items():
        print(f"{name:10} {given[name]:>15,.10g} {what}".rstrip())
    print()
    for name, amount, unit, formula in rows(given):
        hours = amount * 24 if unit == "cores" else amount * (unit == "core hours")
        price = f"{hours * given['core_hour']:>12,.2f}" if given["core_hour"] else ""
        print(f"{name:20} {amount:>12,.1f} {unit:11}{price} = {formula}")


if __name__ == "__main__":
    main(sys.argv[1:])
