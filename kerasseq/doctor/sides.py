"""The two languages of a corpus: pairs that are turned, and pairs in one language."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from kerasseq.doctor.finding import Finding

if typing.TYPE_CHECKING:
    from kerasseq.doctor.sample import Pair

BUCKETS = 2048  # of n-grams of one, two and three characters
FEWEST = 200  # pairs; fewer say too little
ROUNDS = 2
MARGIN = 6.0  # nats that a line must speak for a side
DIFFERENT = 0.25  # nats that an n-gram speaks for a side, on average, where two languages are
TURNED = 0.01  # a greater share of turned pairs is told
ALIKE = 0.1  # a greater share of pairs in one language is told


class Sides:
    """What tells the source of most pairs from their target, whatever share of them is turned.

    The differences between the lines of a pair vary most along that between two languages, to
    either end of it: their first principal direction says which pairs stand alike. From there
    naive Bayes' odds of n-grams are counted; each half of the pairs is judged by the other.

    Args:
        pairs: list of `N` pairs of str.

    Attributes:
        odds: float array `(N, 2)`, the log-odds of each line in nats: above 0 for the source's
            language.
        weights: float array `(BUCKETS,)`, log-odds of an n-gram.
        apart: float, nats that an n-gram of a line speaks for a side, in the middle pair.
        different: bool, whether there are two languages.
    """

    def __init__(self, pairs: Sequence[Pair]) -> None:
        source, target = (ngrams(side) for side in zip(*pairs, strict=True))  # (N, BUCKETS)
        stands = _principal(_unit(source) - _unit(target)) > 0  # (N,)
        half = np.arange(len(pairs)) % 2 == 0
        odds = np.zeros((len(pairs), 2))
        for _ in range(ROUNDS):
            for learned, judged in ((half, ~half), (~half, half)):
                weights = _log_odds(source[learned], target[learned], stands[learned])
                odds[judged] = np.stack([source[judged] @ weights, target[judged] @ weights], 1)
            stands = odds[:, 0] > odds[:, 1]
        if np.mean(stands) < 0.5:
            stands, odds = ~stands, -odds
        self.odds: np.ndarray = odds
        self.weights: np.ndarray = _log_odds(source, target, stands)
        sizes = np.stack([source.sum(1), target.sum(1)], 1)  # (N, 2)
        self.apart: float = float(np.median(np.min(np.abs(odds) / np.maximum(sizes, 1), 1)))
        self.different: bool = len(pairs) >= FEWEST and self.apart > DIFFERENT

    def turned(self) -> np.ndarray:
        """Which pairs stand the other way round: bool `(N,)`."""
        return self.different & (self.odds[:, 0] < -MARGIN) & (self.odds[:, 1] > MARGIN)

    def alike(self) -> np.ndarray:
        """Which pairs have both lines in one language: bool `(N,)`."""
        return (
            self.different
            & np.all(np.abs(self.odds) > MARGIN, 1)
            & (np.sign(self.odds[:, 0]) == np.sign(self.odds[:, 1]))
        )

    def turned_of(self, pairs: Sequence[Pair]) -> float:
        """The share of other pairs that stand the other way round."""
        source, target = (ngrams(side) @ self.weights for side in zip(*pairs, strict=True))
        return float(self.different and np.mean((source < 0) & (target > 0)))


def check_sides(sides: Sides, pairs: Sequence[Pair]) -> list[Finding]:
    """Tells of turned pairs, and of pairs in one language that are not equal."""
    found = []
    turned = float(np.mean(sides.turned()))
    if turned > TURNED:
        found.append(
            Finding(
                "turned",
                "Expected one language on each side; received about "
                f"{turned:.1%} of the pairs the other way round. Swap their sides.",
            )
        )
    equal = np.array([source == target for source, target in pairs])
    alike = float(np.mean(sides.alike() & ~equal))
    if alike > ALIKE:
        found.append(
            Finding(
                "one language",
                "Expected one language on each side; received about "
                f"{alike:.1%} of the pairs with both sides in one. Leave out what is not "
                "translated.",
            )
        )
    return found


def check_validation_sides(sides: Sides, pairs: Sequence[Pair]) -> list[Finding]:
    """Tells of validation pairs that stand the other way round than those of training."""
    turned = sides.turned_of(pairs)
    if turned < 0.5:
        return []
    return [
        Finding(
            "turned",
            "Expected the validation pairs in the direction of the training pairs; received "
            f"{turned:.1%} of them the other way round. Swap their sides.",
        )
    ]


def ngrams(texts: Sequence[str]) -> np.ndarray:
    """Counts of the hashed n-grams of each text in lower case: float32 `(N, BUCKETS)`."""
    lines = [f" {text.lower()} "[:1000] for text in texts]
    codes = np.frombuffer("".join(lines).encode("utf-32-le", "replace"), "<u4").astype("int64")
    lines = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    counts = np.zeros(len(texts) * BUCKETS, "float32")
    hashed = np.zeros_like(codes)
    for size in (1, 2, 3):
        hashed = (hashed[: len(codes) - size + 1] * 8191 + codes[size - 1 :] + size) % 2**31
        inside = lines[size - 1 :] == lines[: len(codes) - size + 1]
        places = lines[size - 1 :] * BUCKETS + (hashed * 2654435761 >> 7) % BUCKETS
        counts += np.bincount(places[inside], minlength=len(counts)).astype("float32")
    return counts.reshape(len(texts), BUCKETS)


def _unit(rows):
    rows = np.sqrt(rows)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)


def _principal(rows):
    """The place of each row `(N, D)` along the direction of the largest second moment: `(N,)`."""
    draw = np.random.default_rng(0)
    direction = rows.sum(0) + draw.standard_normal(rows.shape[1], "float32") / 1000
    for _ in range(10):
        direction = rows.T @ (rows @ direction)
        direction = direction / max(np.linalg.norm(direction), 1e-30)
    return rows @ direction


def _log_odds(source, target, stands):
    """Naive Bayes' log-odds of n-grams, `(BUCKETS,)`; where `stands` is false the pair is
    turned."""
    ours = source[stands].sum(0) + target[~stands].sum(0) + 0.5
    theirs = target[stands].sum(0) + source[~stands].sum(0) + 0.5
    return np.log(ours / ours.sum()) - np.log(theirs / theirs.sum())
