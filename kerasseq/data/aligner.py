"""Word alignments of a corpus, by eflomal."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Collection

import numpy as np

from kerasseq.data.word_alignments import WordAlignments
from kerasseq.extras import check_extra
from kerasseq.processing.aligned_units import UNIT
from kerasseq.processing.token_links import WORD
from kerasseq.processing.word_links import parse_links, symmetrized


def align(pairs: Collection[tuple[str, str]]) -> WordAlignments:
    """Aligns the words of a corpus by eflomal, in both directions, and joins these.

    eflomal (Östling and Tiedemann 2016) draws links from a Bayesian model of words, their order and
    how many each is linked to; no two calls draw the same. It reads words, numbers and marks apart,
    in lower case; their links are then those of the words that white space parts. Both directions
    become one by `kerasseq.processing.word_links.symmetrized`. The more pairs there are, the better
    it aligns each of them.

    Args:
        pairs: collection of pairs of str, such as a ParallelText.

    Returns:
        WordAlignments.

    Raises:
        ImportError: without `eflomal`.
        ValueError: for no pair.
    """
    check_extra("eflomal")
    from eflomal import Aligner

    if not len(pairs):
        raise ValueError("Expected at least one pair to align; received none. Check the corpus.")
    with tempfile.TemporaryDirectory() as folder:
        places = [pathlib.Path(folder) / name for name in ("forward", "backward")]
        sides = ([" ".join(UNIT.findall(pair[side])) for pair in pairs] for side in (0, 1))
        Aligner().align(
            *sides, links_filename_fwd=str(places[0]), links_filename_rev=str(places[1])
        )
        forward, backward = (place.read_text(encoding="utf-8").splitlines() for place in places)
    return WordAlignments.of_pairs(
        _of_words(symmetrized(parse_links(there)[0], parse_links(back)[0]), pair)
        for there, back, pair in zip(forward, backward, pairs, strict=True)
    )


def _of_words(links, pair):
    """The links of the words in which units lie."""
    source, target = map(_word_of_units, pair)
    return sorted({(source[i], target[j]) for i, j in links})


def _word_of_units(text):
    ends = [word.end() for word in WORD.finditer(text)]
    starts = [unit.start() for unit in UNIT.finditer(text)]
    return np.searchsorted(ends, starts, side="right").tolist()
