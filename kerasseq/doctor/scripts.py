"""The script that texts are written in, by the names of their letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

LETTERS = 20_000  # that are looked at
ENOUGH = 0.05  # of the letters; a script with fewer is not told
# Of these a word has no spaces around it; the first word of their letters' names.
WITHOUT_SPACES = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"}


def scripts(texts: Iterable[str]) -> list[str]:
    """The scripts of texts, the most frequent first, as Unicode names them: "LATIN", "CJK".

    Args:
        texts: iterable of str, of which the first 20,000 letters are looked at.

    Returns:
        list of str, of those that at least 5 % of the letters are of.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        letters = (each for each in text if each.isalpha())
        counts.update(unicodedata.name(each, "OTHER").split()[0] for each in letters)
        if counts.total() >= LETTERS:
            break
    return [name for name, count in counts.most_common() if count >= ENOUGH * counts.total()]
