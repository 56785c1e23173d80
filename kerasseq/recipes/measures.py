"""What a recipe is chosen by: how many texts there are, how long they are, in what script."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence

from kerasseq.doctor import scripts
from kerasseq.doctor.scripts import WITHOUT_SPACES

WORD = re.compile(r"\w+")
LOOKED_AT = 100_000  # texts of a side, of which words are counted
NEARLY_ALL = 0.995  # of the texts, which are no longer than the longest that is told


class Measures(typing.NamedTuple):
    """What was counted of a corpus, by side: source and target, or the texts that have a label.

    Attributes:
        count: int, rows.
        unit: str, what they are called.
        scripts: tuple of str, the most frequent script of each side.
        spaces: tuple of bool, whether words have spaces around them.
        usual: tuple of int, words of the middle text; letters where there are no spaces.
        longest: tuple of int, the same of a text that nearly all are no longer than.
        words, letters: tuple of int, different words and letters.
        labels: str, "single_label", "multi_label" or "regression"; "" for pairs.
        columns: tuple of str, the columns of the texts.
        names: list of str, the labels.
    """

    count: int
    unit: str
    scripts: tuple[str, ...]
    spaces: tuple[bool, ...]
    usual: tuple[int, ...]
    longest: tuple[int, ...]
    words: tuple[int, ...]
    letters: tuple[int, ...]
    labels: str = ""
    columns: tuple[str, ...] = ()
    names: Sequence[str] = ()

    @property
    def sentence(self) -> str:
        """What a reader is told of them: str."""
        written = " and ".join(dict.fromkeys(each.capitalize() for each in self.scripts))
        sizes = [
            f"{usual} {'word' if spaces else 'character'}{'s' * (usual != 1)}"
            for usual, spaces in zip(self.usual, self.spaces, strict=True)
        ]
        labels = ""
        if self.labels == "regression":
            labels = ", a value each"
        elif self.labels:
            shown = ", ".join(map(str, self.names[:6])) + " …" * (len(self.names) > 6)
            labels = f", {len(self.names)} labels ({shown})"
        said = " and ".join(dict.fromkeys(sizes))
        return f"{self.count:,} {self.unit} in {written} letters, mostly of {said}{labels}"


def measure(rows: Sequence[tuple[str, ...]], unit: str, **options: typing.Any) -> Measures:
    """Measures texts.

    Args:
        rows: list of tuples of str, a text for each side.
        unit: str, what they are called, in the plural.
        **options: what Measures has besides.
    """
    sides = [_side([row[place] for row in rows]) for place in range(len(rows[0]))]
    return Measures(len(rows), unit, *zip(*sides, strict=True), **options)


def _side(texts):
    """The script, whether it has spaces, usual and longest length, words and letters."""
    written = scripts(texts)
    spaces = not any(name in WITHOUT_SPACES for name in written)
    looked_at = texts[:LOOKED_AT]
    lengths = sorted(len(text.split()) if spaces else len(text) for text in looked_at)
    words, letters = set(), set()
    for text in looked_at:
        words.update(WORD.findall(text.lower()))
        letters.update(text)
    nearly = lengths[min(len(lengths) - 1, int(NEARLY_ALL * len(lengths)))]
    usual = lengths[len(lengths) // 2]
    return written[0] if written else "OTHER", spaces, usual, nearly, len(words), len(letters)
