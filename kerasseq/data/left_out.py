"""What of a corpus is not learned from, left out, cut or empty: said before it is trained on."""

from __future__ import annotations

import logging
import re
import typing
import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from kerasseq.text.normalize import JOINERS, SPACES, UNSEEN

if typing.TYPE_CHECKING:
    from kerasseq.processing.packing import WordRow
    from kerasseq.processing.processor import Row

    AnyRow = typing.TypeVar("AnyRow", Row, WordRow)

LOG = logging.getLogger("kerasseq.data")
MOST = 0.01  # a greater share is warned of
BLANK = re.compile(f"[{SPACES}{UNSEEN}{JOINERS}\0]*")


def kept_pairs(
    lengths: np.ndarray, limits: tuple[int, int], truncate: bool, count: int
) -> np.ndarray:
    """Which pairs stay; says how many are dropped or cut.

    Anything dropped or cut is logged (`logging`, at INFO); more than 1 % is a warning.

    Args:
        lengths: int `(N, 2)`, tokens of each side with the end symbol, as the text has them.
        limits: int pair, the most tokens of each side.
        truncate: bool, longer pairs are cut, not dropped.
        count: int, pairs of the corpus, of which `N` were measured.

    Returns:
        bool `(N,)`.

    Raises:
        ValueError: when none stays.
    """
    max_length = limits[0] if limits[0] == limits[1] else tuple(limits)
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
    kept = ~empty if truncate else ~empty & ~long
    if not kept.any():
        raise ValueError(
            f"Expected pairs of 1 to {limits[0] - 1} and 1 to {limits[1] - 1} tokens; received "
            f"none in {count} lines. Check the text, or raise max_length."
        )
    return kept


class Cuts:
    """Counts, while labelled texts are encoded, those of which a part is cut.

    Args:
        max_length: int, the most tokens of a text.
        unit: str, what the texts are called.
    """

    def __init__(self, max_length: int, unit: str) -> None:
        self.max_length = max_length
        self.unit = unit
        self.cut: list[int] = []

    def __call__(self, row: AnyRow) -> AnyRow:
        """Counts what was cut of one row, and gives it back."""
        self.cut.append(row.cut)
        return row

    def say(self) -> None:
        """Logs how many were cut; more than 1 % is a warning."""
        cut = np.array(self.cut)
        if cut.any():
            _say(
                cut > 0,
                f"are longer than max_length={self.max_length} tokens and are cut",
                f"Expected {len(cut):,} {self.unit} of at most max_length={self.max_length} tokens",
                f"longer ones, of which the rest, up to {cut.max():,} tokens, is not learned from. "
                "Raise max_length, or split them.",
                self.unit,
            )


def warn_of_blank(texts: Sequence[str | tuple[str, ...]]) -> None:
    """Warns of labelled texts, or pairs of texts, that hold nothing to read."""
    sides = ((text,) if isinstance(text, str) else text for text in texts)
    blank = [all(map(BLANK.fullmatch, each)) for each in sides]
    if any(blank):
        warnings.warn(
            f"Expected something to read in each of {len(blank):,} texts; received {sum(blank):,} "
            f"that are empty, text {blank.index(True) + 1} first, each of which is read as one "
            "unknown token. Drop them, or check that the columns are the right ones.",
            stacklevel=4,
        )


def without_blank(texts: Iterable[str]) -> list[str]:
    """The cleaned texts that hold something; says how many do not."""
    texts = list(texts)
    blank = np.array([not text or text.isspace() for text in texts], bool)
    if blank.any():
        _say(
            blank,
            "are empty and are left out",
            f"Expected something to read in each of {len(texts):,} texts",
            "empty ones, which are left out. Check the file.",
            "texts",
        )
    return [text for text, empty in zip(texts, blank, strict=True) if not empty]


def _say(which, note, expected, received, unit="pairs"):
    """Logs what happens to some texts; warns where they are many."""
    share = f"{which.sum():,} of {len(which):,} ({which.mean():.1%})"
    LOG.info("%s %s %s", share, unit, note)
    if which.mean() > MOST:
        warnings.warn(f"{expected}; received {share} {received}", stacklevel=5)
