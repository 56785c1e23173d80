"""What is wrong with pairs to train on and to validate with."""

from __future__ import annotations

import re
import typing
from collections import Counter

import numpy as np

from kerasseq.doctor.alignment import check_alignment
from kerasseq.doctor.finding import Finding
from kerasseq.doctor.sample import Sampler
from kerasseq.doctor.sides import Sides, check_sides, check_validation_sides

if typing.TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasseq.doctor.sample import Pair, Run

    class Pairs(typing.Protocol):
        """Pairs of cleaned lines, so many of them."""

        def __len__(self) -> int: ...

        def __iter__(self) -> Iterator[Pair]: ...


WORD = re.compile(r"\w+")
FEWEST = 100  # pairs; of fewer a share says nothing
MOST = 1_000_000  # pairs whose repetitions and words are remembered
EMPTY, EQUAL, REPEATED, OVERLAPPING = 0.01, 0.1, 0.1, 0.01  # greater shares are told
SOURCES_OVERLAPPING, UNSEEN = 0.25, 0.2
LONG = 0.01


class Part:
    """Pairs that were read once, and what was counted of them.

    Args:
        pairs: ParallelText, or another iterable of pairs of cleaned str with a length.
        longest: int, the most tokens of a side; None where it is not known.

    Attributes:
        count, empty, equal, long, repeated: int, pairs: all; with an empty side; with equal sides;
            with more words than `longest`; that stood there before.
        runs: list of Run, those whose sides are not empty.
        pairs, sources: set of int, hashes of lower-cased pairs and sources.
        words: pair of dicts, how often each lower-cased word stands on a side.
    """

    def __init__(self, pairs: Pairs, longest: int | None = None) -> None:
        self.count: int = 0
        self.empty: int = 0
        self.equal: int = 0
        self.long: int = 0
        self.repeated: int = 0
        self.pairs: set[int] = set()
        self.sources: set[int] = set()
        self.words: tuple[Counter[str], Counter[str]] = Counter(), Counter()
        sampler = Sampler(len(pairs))
        for pair in sampler.watch(pairs):
            self._count(pair, longest)
        self.runs: list[Run] = [
            run._replace(pairs=[pair for pair in run.pairs if all(pair)]) for run in sampler.runs
        ]

    def _count(self, pair, longest):
        self.count += 1
        self.empty += not all(pair)
        self.equal += pair[0] == pair[1] and bool(pair[0])
        self.long += longest is not None and any(side.count(" ") + 2 > longest for side in pair)
        if self.count > MOST:
            return
        source, target = (side.lower() for side in pair)
        key = hash((source, target))
        self.repeated += key in self.pairs
        self.pairs.add(key)
        self.sources.add(hash(source))
        for words, side in zip(self.words, (source, target), strict=True):
            words.update(WORD.findall(side))

    def sample(self) -> list[Pair]:
        """The pairs of all runs."""
        return [pair for run in self.runs for pair in run.pairs]


def examine(
    train: Pairs, validation: Pairs | None = None, *, longest: int | None = None
) -> list[Finding]:
    """Finds what is wrong with pairs to train on, and to validate with.

    Each is read once. Languages and alignment are looked at in up to 3,000 pairs at 30 places,
    repetitions and words in the first million. Fewer than 100 pairs say nothing, fewer than 200
    nothing of languages, and fewer than 300 nothing of alignment.

    Args:
        train: ParallelText, or another iterable of pairs of cleaned str with a length.
        validation: the same, or None.
        longest: int, the most tokens of a side that are learned with the end symbol; None where
            it is not known.

    Returns:
        list of Finding, at most one of each kind for each part; empty where nothing is wrong.
    """
    part = Part(train, longest)
    if part.count < FEWEST:
        return []
    found = _check_shares(part, longest)
    pairs = part.sample()
    sides = Sides(pairs) if pairs else None
    if sides is not None:
        found += check_sides(sides, pairs)
        found += check_alignment(_straight(part.runs, sides))
    if validation is not None:
        found += _check_validation(part, sides, Part(validation))
    return found


def _check_shares(part, longest):
    """What is counted of each pair by itself."""
    shares = [
        (
            "empty sides", part.empty, EMPTY, "text on both sides",
            "with an empty side, which are not learned. Check that the files are aligned.",
        ),
        (
            "equal sides", part.equal, EQUAL, "two languages",
            "whose sides are equal. Leave out what is not translated.",
        ),
        (
            "long lines", part.long, LONG, f"sides of at most {longest} tokens",
            "with more words than that, which are dropped or cut. Raise max_length.",
        ),
        (
            "repetitions", part.repeated, REPEATED, "different pairs",
            "that stood there before, and are learned as often. Leave them out, unless they "
            "should weigh more.",
        ),
    ]  # fmt: skip
    return [
        Finding(name, f"Expected {expected}; received {_share(of, part.count)} pairs {received}")
        for name, of, most, expected, received in shares
        if of / part.count > most
    ]


def _straight(runs, sides):
    """The runs with turned pairs the right way round, and without pairs in one language."""
    turned, alike, done, straight = sides.turned(), sides.alike(), 0, []
    for run in runs:
        here = slice(done, done + len(run.pairs))
        done += len(run.pairs)
        pairs = [
            pair[::-1] if turns else pair
            for pair, turns, one in zip(run.pairs, turned[here], alike[here], strict=True)
            if not one and pair[0] != pair[1]
        ]
        straight.append(run._replace(pairs=pairs))
    return [run for run in straight if run.pairs]


def _check_validation(train, sides, part):
    """What is wrong with validation pairs beside those of training."""
    if part.count < FEWEST:
        return []
    found = []
    both, sources = len(part.pairs & train.pairs), len(part.sources & train.sources)
    if both / part.count > OVERLAPPING or sources / part.count > SOURCES_OVERLAPPING:
        found.append(
            Finding(
                "overlap",
                "Expected validation pairs that are not learned; received "
                f"{_share(both, part.count)} that stand in the training text, and "
                f"{_share(sources, part.count)} whose source does. Split again with disjoint=True.",
            )
        )
    if sides is not None and (pairs := part.sample()):
        turned = check_validation_sides(sides, pairs)
        found += turned
        if not turned:
            found += _check_words(train, pairs)
    return found


def _check_words(train, pairs):
    """Whether validation text has new words, beyond those that a training pair has by itself.

    The latter is the share of words that stand once (Good 1953): of a corpus whose words are all
    new, as where none are cut apart, nothing can be said.
    """
    for side, known, texts in zip(
        ("source", "target"), train.words, zip(*pairs, strict=True), strict=True
    ):
        words = [word for text in texts for word in WORD.findall(text.lower())]
        unseen = float(np.mean([word not in known for word in words])) if words else 0.0
        usual = sum(count == 1 for count in known.values()) / max(sum(known.values()), 1)
        if unseen > usual + UNSEEN:
            return [
                Finding(
                    "unseen words",
                    "Expected the validation text to have the training text's words; received "
                    f"{unseen:.0%} of its words on the {side} side that stand nowhere there. Take "
                    "validation text of the same kind, tokenised alike.",
                )
            ]
    return []


def _share(some, of):
    return f"{some:,} of {of:,} ({some / of:.1%})"
