"""Whether a line repeats itself, as the translations of a model that loops do."""

import re
from collections.abc import Iterable

import numpy as np

STUTTER = re.compile(r"([^\W\d_]{1,4})\1{7}")


def repeats_itself(text: str) -> bool:
    """Whether something stands in a line three times in a row, or four words or more twice.

    Of a text with white space, any words ("of the of the of the"), and within a word one to four
    letters eight times ("an egggggggg"); of one without, two characters or more ("你好你好你好").
    Case counts; what has no letter, "1000000" or ". . .", does not.

    Args:
        text: str.
    """
    words = text.split()
    if len(words) > 1:
        return bool(STUTTER.search(text)) or _has_run(words, 1, 3) or _has_run(words, 4, 2)
    return _has_run(list(text.strip()), 2, 3)


def share_repeating(texts: Iterable[str]) -> float:
    """The share, 0 to 1, of lines that repeat themselves; see `repeats_itself`.

    Args:
        texts: iterable of str.

    Raises:
        ValueError: for none.
    """
    found = list(map(repeats_itself, texts))
    if not found:
        raise ValueError("Expected lines of text; received none. Check the list.")
    return sum(found) / len(found)


def _has_run(units, least, times):
    """Whether a phrase of at least `least` units stands `times` times in a row."""
    _, ids = np.unique(np.array(units), return_inverse=True)
    for size in range(least, len(ids) // times + 1):
        # Units that are the one `size` before them, for so long that a phrase comes again.
        same = np.concatenate([[0], ids[size:] == ids[:-size], [0]]).astype("int8")
        edges = np.diff(same)
        begins, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
        for begin in begins[ends - begins >= size * (times - 1)]:
            if any(each.isalpha() for unit in units[begin : begin + size] for each in unit):
                return True
    return False
