"""Whether lines fit their pairs: each held against other lines of the corpus, without a model."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence

import numpy as np

from kerasseq.doctor.finding import Finding
from kerasseq.text.character_kinds import is_ideograph

if typing.TYPE_CHECKING:
    from kerasseq.doctor.sample import Pair, Run

WORDS = 1000  # of a side, the most frequent, whose company is counted
PREFIX = 6  # letters of a word that are looked at
OTHERS = 8  # other lines that a line is held against
TOKEN = re.compile(r"\w+|[^\w\s]")
FEWEST = 300  # pairs; fewer say too little
FITS = 0.7  # of the comparisons are won by the pairs of a corpus that fit, at least
RUN_FITS = 0.4  # of what all runs win above one half, a run that fits wins at least
SCATTERED = 0.25  # a greater share of single pairs that do not fit is told
OFFSETS = (1, -1, 2, -2, 3, -3)


def check_alignment(runs: Sequence[Run]) -> list[Finding]:
    """Tells of lines that fit their pairs no better than any other line of the corpus.

    A pair wins against another when its source fits its own target better. Pairs of translations
    win nearly always, pairs drawn by lot half of the time.

    Args:
        runs: list of Run.
    """
    if sum(len(run.pairs) for run in runs) < FEWEST:
        return []
    wins, scores = _wins(runs)
    whole = float(np.mean(np.concatenate(wins)))
    if whole < FITS:
        return [_finding("the lines of this corpus", runs, [True] * len(runs), whole)]
    each = np.array([np.mean(won) for won in wins])  # a run's
    long = np.array([len(run.pairs) >= len(runs[0].pairs) / 2 for run in runs])
    low = long & (each < 0.5 + RUN_FITS * (np.median(each) - 0.5))
    if low.any():
        first, last = runs[np.argmax(low)], runs[len(low) - 1 - np.argmax(low[::-1])]
        where = f"{low.mean():.0%} of the places that were looked at, between the lines "
        where += f"{first.line:,} and {last.line + len(last.pairs) - 1:,},"
        return [_finding(where, runs, low, float(np.mean(each[low])))]
    # Pairs that fit are hardly ever as bad as the worst third of mixed ones.
    bad = np.quantile(scores[:, 1:], 0.3)
    share = float(np.mean(scores[:, 0] < bad)) / 0.3
    if share > SCATTERED:
        return [
            Finding(
                "misaligned",
                f"Expected lines that fit their pairs; received about {share:.0%}, here and there, "
                "that fit them no better than other lines. Check how the files were aligned.",
            )
        ]
    return []


def fits(pairs: Sequence[Pair], seed: int = 0) -> np.ndarray:
    """How well each line fits its pair, and others.

    A pair has three numbers: how much its words keep company elsewhere in the corpus (their mean
    positive pointwise mutual information), the words, names, numbers and marks that both sides
    share, weighed by their rarity, and how far its lengths are from the usual ratio. Fisher's
    discriminant between true and mixed pairs joins them. Company is counted on one half, and
    looked up on the other.

    Args:
        pairs: list of `N` pairs of str.
        seed: int, of the halves and the other lines.

    Returns:
        float array `(N, 1 + OTHERS)`: the score of the pair, then of its source with the targets
        of other lines.
    """
    sides = [[tokens(text) for text in side] for side in zip(*pairs, strict=True)]
    source, target = map(_bags, sides)  # (N, WORDS)
    sizes = [np.sqrt(1 + bags.sum(1)) for bags in (source, target)]  # (N,)
    lengths = np.log([[1 + len(text) for text in pair] for pair in pairs])  # (N, 2)
    shared = _Shared(*sides)
    draw = np.random.default_rng(seed)
    half = draw.permutation(len(pairs)) % 2 == 0
    scores = np.zeros((len(pairs), 1 + OTHERS))
    for learned, judged in ((half, ~half), (~half, half)):
        rows = np.flatnonzero(judged)
        meant = source[rows] @ _company(source[learned], target[learned])  # (n, WORDS)
        usual = np.median(lengths[learned, 1] - lengths[learned, 0])
        three = []
        for others in (rows, *(draw.permutation(rows) for _ in range(OTHERS))):
            company = np.einsum("nw,nw->n", meant, target[others])
            company = company / (sizes[0][rows] * sizes[1][others])
            stretch = -np.abs(lengths[others, 1] - lengths[rows, 0] - usual)
            three.append(np.stack([company, shared(rows, others), stretch], 1))
        three = np.stack(three)  # (1 + OTHERS, n, 3)
        true, mixed = three[0], three[1:].reshape(-1, 3)
        spread = np.cov(mixed.T) + np.cov(true.T) + 1e-9 * np.eye(3)
        weights = np.linalg.solve(spread, true.mean(0) - mixed.mean(0))
        scores[rows] = (three @ weights).T
    return scores


def tokens(text: str) -> list[str]:
    """Words in lower case, their first letters; marks; ideographs one by one."""
    found = []
    for token in TOKEN.findall(text[:1000].lower()):
        found += token if not token.isascii() and is_ideograph(token[0]) else [token[:PREFIX]]
    return found


def _wins(runs):
    """Of each run the share of comparisons that each pair wins, and the scores of all pairs."""
    scores = fits([pair for run in runs for pair in run.pairs])
    true, others = scores[:, :1], scores[:, 1:]
    won = np.mean((true > others) + 0.5 * (true == others), axis=1)
    ends = np.cumsum([len(run.pairs) for run in runs])[:-1]
    return np.split(won, ends), scores


def _finding(where, runs, low, wins):
    offset = _offset(runs, low, wins)
    shift = ""
    if offset:
        shift = f" They fit what stands {abs(offset)} line{'s' * (abs(offset) > 1)} "
        shift += f"{'later' if offset > 0 else 'earlier'} on the target's side."
    return Finding(
        "misaligned",
        f"Expected lines that fit their pairs better than other lines do; received {where} no "
        f"better ({wins:.0%} of comparisons won, of which chance wins 50%).{shift} Check from "
        "which line on a line is missing, and how the files were aligned.",
    )


def _offset(runs, low, wins):
    """By how many lines the targets of some runs must move to fit, or 0."""
    best = 0, max(0.75, wins + 0.15)
    for offset in OFFSETS:
        moved = [
            run._replace(pairs=_moved(run.pairs, offset)) if moves else run
            for run, moves in zip(runs, low, strict=True)
        ]
        won = np.concatenate([w for w, moves in zip(_wins(moved)[0], low, strict=True) if moves])
        if won.size and np.mean(won) > best[1]:
            best = offset, float(np.mean(won))
    return best[0]


def _moved(pairs, offset):
    sources, targets = zip(*pairs, strict=True)
    if offset > 0:
        return list(zip(sources[:-offset], targets[offset:], strict=True))
    return list(zip(sources[-offset:], targets[:offset], strict=True))


def _bags(lines):
    """Which of the most frequent words each line has: float32 `(N, WORDS)`."""
    counts = {}
    for line in lines:
        for token in set(line):
            counts[token] = counts.get(token, 0) + 1
    kept = sorted(counts, key=counts.get, reverse=True)[:WORDS]
    places = {token: place for place, token in enumerate(kept)}
    bags = np.zeros((len(lines), WORDS), "float32")
    for row, line in enumerate(lines):
        bags[row, [places[token] for token in line if token in places]] = 1
    return bags


def _company(source, target):
    """Positive pointwise mutual information of the words of both sides, `(WORDS, WORDS)`; one is
    added, so that what was together once or twice keeps no company."""
    by_chance = np.outer(source.sum(0), target.sum(0)) / len(source)
    return np.maximum(np.log((source.T @ target + 1) / (by_chance + 1)), 0).astype("float32")


class _Shared:
    """What two lines share, each token weighed by its rarity: `(n,)` for rows and other rows."""

    def __init__(self, source, target):
        self.sides = [[frozenset(line) for line in side] for side in (source, target)]
        counts = {}
        for line in self.sides[0] + self.sides[1]:
            for token in line:
                counts[token] = counts.get(token, 0) + 1
        self.rarity = {
            token: float(np.log(2 * len(source) / each)) for token, each in counts.items()
        }

    def __call__(self, rows, others):
        found = []
        for row, other in zip(rows, others, strict=True):
            ours, theirs = self.sides[0][row], self.sides[1][other]
            common = sum(self.rarity[token] for token in ours & theirs)
            found.append(common / ((1 + len(ours)) * (1 + len(theirs))) ** 0.5)
        return np.array(found)
