"""A part of a corpus that stands for the whole: runs of consecutive pairs, at even distances."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable, Iterator

Pair: typing.TypeAlias = tuple[str, str]

RUN = 100  # consecutive pairs
RUNS = 30  # of a corpus, at most


class Run(typing.NamedTuple):
    """Consecutive pairs of a corpus.

    Attributes:
        line: int, the number of the first, from 1.
        pairs: list of pairs of str.
    """

    line: int
    pairs: list[Pair]


class Sampler:
    """Picks runs out of a stream of pairs.

    Args:
        count: int, pairs of the stream.

    Attributes:
        runs: list of Run: of all pairs, or of 30 runs of 100.
    """

    def __init__(self, count: int) -> None:
        self.step: float = max(float(RUN), count / RUNS)
        self.runs: list[Run] = []

    def watch(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Yields the pairs of the stream, once, and keeps the runs."""
        pairs = iter(pairs)
        line = 1
        for number in itertools.count():
            begin = 1 + round(number * self.step)
            passed = itertools.islice(pairs, begin - line)
            for pair in passed:
                yield pair
                line += 1
            kept = list(itertools.islice(pairs, RUN))
            if not kept:
                return
            self.runs.append(Run(line, kept))
            yield from kept
            line += len(kept)
