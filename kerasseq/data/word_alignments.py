"""Word alignments of a corpus: the links between the words of each of its pairs."""

from __future__ import annotations

import array
import itertools
import os
import typing
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from kerasseq.data.lines import read_lines
from kerasseq.processing.token_links import WORD
from kerasseq.processing.word_links import parse_links, write_links
from kerasseq.text.checks import check_lines, is_number

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.word_links import Link

USUAL_WEIGHT = 0.05  # of the loss beside that of the tokens (Garg et al. 2019)


class Links:
    """Links of many pairs, flat in memory: 8 bytes a link.

    Args:
        links: int32 array `(L, 2)`, positions in a source and its target from 0.
        counts: int array `(N,)`, how many each pair has.
    """

    def __init__(self, links: np.ndarray, counts: np.ndarray) -> None:
        self.links = links
        self.counts = counts
        self._begins = np.concatenate([[0], np.cumsum(counts, dtype="int64")])

    @classmethod
    def of_pairs(cls, pairs: Iterable[Iterable[Link]]) -> typing.Self:
        """From an iterable of the links of each pair."""
        flat, ends = array.array("i"), array.array("q", [0])
        for links in pairs:
            flat.extend(itertools.chain.from_iterable(links))
            ends.append(len(flat) // 2)
        return cls(np.array(flat, "int32").reshape(-1, 2), np.diff(ends))

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, pair: int) -> list[Link]:
        if not 0 <= pair < len(self):
            raise IndexError(pair)
        return [(source, target) for source, target in self.of_pair(pair).tolist()]

    def of_pair(self, pair: int) -> np.ndarray:
        """The links of one pair, int32 `(L, 2)`."""
        return self.links[self._begins[pair] : self._begins[pair + 1]]


class WordAlignments(Links):
    """The links between the words of every pair of a corpus, words parted by white space.

    Make one with `from_file` or `from_lines`; `kerasseq.data.align` makes those of a corpus.
    `alignments[i]` are the links of a pair, `(source, target)` positions from 0.

    Attributes:
        weight: float, of the loss that they make, see `ParallelText.with_alignments`.
    """

    weight: float = USUAL_WEIGHT

    @classmethod
    def of(
        cls,
        pairs: Collection[tuple[str, str]],
        given: WordAlignments | AnyPath | Iterable[str],
        weight: float = USUAL_WEIGHT,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """The alignments of a corpus.

        Args:
            pairs: collection of its cleaned pairs of str.
            given: WordAlignments, the path of a file in Pharaoh's format, or its lines: of the
                words that white space parts, counted from 0.
            weight: float above 0.
            encoding: str, of the file.

        Raises:
            ValueError: for another number of lines than pairs, a link to a word that a pair does
                not have, another weight, or as `from_lines`.
        """
        if not (is_number(weight) and weight > 0):
            raise ValueError(
                f"Expected a weight above 0 of guided alignment; received {weight!r}. "
                f"{USUAL_WEIGHT} is usual."
            )
        if isinstance(given, str | os.PathLike):
            given = cls.from_file(given, encoding=encoding)
        links = given if isinstance(given, Links) else cls.from_lines(given)
        found = cls(links.links, links.counts)
        found.weight = weight
        found.check(pairs)
        return found

    @classmethod
    def from_file(cls, path: AnyPath, *, encoding: str = "utf-8") -> typing.Self:
        """A file in Pharaoh's format, a line a pair: `0-0 1-2 2-1`. Plain or `.gz`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a line with something else, or with possible links.
        """
        return cls.from_lines(read_lines(path, encoding), str(path))

    @classmethod
    def from_lines(cls, lines: Iterable[str], name: str = "the alignments") -> typing.Self:
        """The same from an iterable of str.

        Args:
            lines: iterable of str.
            name: str, what they are, for messages.
        """
        return cls.of_pairs(
            _sure(line, f"line {number} of {name}")
            for number, line in enumerate(check_lines(lines), 1)
        )

    def chosen(self, rows: np.ndarray) -> typing.Self:
        """Those of some pairs, by a bool array `(N,)`."""
        return self._with(self.links[np.repeat(rows, self.counts)], self.counts[rows])

    def reversed(self) -> typing.Self:
        """The same links in the other direction."""
        return self._with(self.links[:, ::-1], self.counts)

    def _with(self, links, counts):
        found = type(self)(links, counts)
        found.weight = self.weight
        return found

    @classmethod
    def concatenate(cls, several: Iterable[WordAlignments | int]) -> typing.Self:
        """The alignments of several corpora, one after the other.

        Args:
            several: iterable of WordAlignments, at least one; or an int for so many pairs without
                a link, whose attention nothing guides.

        Raises:
            ValueError: for different weights.
        """
        several = list(several)
        weights = sorted({each.weight for each in several if not isinstance(each, int)})
        if len(weights) > 1:
            raise ValueError(
                f"Expected one weight of the guided alignment of all corpora; received {weights}. "
                "Give each the same to with_alignments."
            )
        parts = [cls.of_pairs([()] * each) if isinstance(each, int) else each for each in several]
        links, counts = ([getattr(part, name) for part in parts] for name in ("links", "counts"))
        found = cls(np.concatenate(links), np.concatenate(counts))
        found.weight = weights[0]
        return found

    def lines(self) -> Iterator[str]:
        """Iterates over the lines of a file in Pharaoh's format."""
        return map(write_links, self)

    def check(self, pairs: Collection[tuple[str, str]]) -> None:
        """Refuses alignments that are not of a corpus; see `of`."""
        if len(self) != len(pairs):
            raise ValueError(
                f"Expected a line of alignments for each of the {len(pairs)} pairs; received "
                f"{len(self)}. Align this corpus, line by line."
            )
        for number, (pair, links) in enumerate(zip(pairs, self, strict=True), 1):
            words = [len(WORD.findall(text)) for text in pair]
            for link in links:
                if link[0] >= words[0] or link[1] >= words[1]:
                    raise ValueError(
                        f"Expected links between the {words[0]} source and {words[1]} target words "
                        f"of pair {number}, counted from 0; received {link[0]}-{link[1]} in line "
                        f"{number} of the alignments. Align this corpus, of the same words."
                    )


def _sure(line, where):
    sure, possible = parse_links(line, where)
    if possible:
        raise ValueError(
            f"Expected sure links, as 0-1, to learn from in {where}; received possible ones, as "
            "0?1. Leave them out, or write them with a hyphen."
        )
    return sure
