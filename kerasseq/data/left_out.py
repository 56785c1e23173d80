"""What batches leave out of a corpus, or cut, said before it is trained on."""

from __future__ import annotations

import logging
import warnings

import numpy as np

LOG = logging.getLogger("kerasseq.data")
MOST = 0.01  # a greater share is warned of


def kept_lengths(
    lengths: np.ndarray, limits: tuple[int, int], truncate: bool, count: int
) -> np.ndarray:
    """The lengths of the pairs that stay; says how many are dropped or cut.

    Anything dropped or cut is logged (`logging`, at INFO); more than 1 % is a warning.

    Args:
        lengths: int `(N, 2)`, tokens of each side with the end symbol, as the text has them.
        limits: int pair, the most tokens of each side.
        truncate: bool, longer pairs are cut, not dropped.
        count: int, pairs of the corpus, of which `N` were measured.

    Returns:
        int `(K, 2)`, none above `limits`.
    """
    max_length = limits[0] if limits[0] == limits[1] else tuple(limits)
    lengths = np.reshape(np.asarray(lengths, "int64"), (-1, 2))  # (N, 2)
    empty = (lengths < 2).any(1)
    long = (lengths > limits).any(1) & ~empty
    of = f"{'the first ' if len(lengths) < count else ''}{len(lengths):,} pairs"
    done = "cut" if truncate else "dropped"
    if long.any():
        change = f"Raise max_length (the longest side has {lengths.max():,} tokens)"
        change += "." if truncate else ', or pass too_long="truncate".'
        _say(
            long,
            f"are longer than max_length={max_length} tokens and are {done}",
            f"Expected {of} of at most max_length={max_length} tokens a side",
            f"longer ones, which are {done}. {change}",
        )
    if empty.any():
        _say(
            empty,
            "have an empty side and are dropped",
            f"Expected text on both sides of {of}",
            "with an empty side, which are dropped. Check that the files are aligned.",
        )
    return np.minimum(lengths[~empty if truncate else ~empty & ~long], limits)


def _say(which, note, expected, received):
    """Logs what happens to some pairs; warns where they are many."""
    share = f"{which.sum():,} of {len(which):,} ({which.mean():.1%})"
    LOG.info("%s pairs %s", share, note)
    if which.mean() > MOST:
        warnings.warn(f"{expected}; received {share} {received}", stacklevel=5)
