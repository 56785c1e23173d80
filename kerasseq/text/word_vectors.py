"""Pretrained word vectors for a vocabulary."""

from __future__ import annotations

import dataclasses
import pathlib
import typing
from collections.abc import Sequence

import numpy as np

from kerasseq.extras import missing
from kerasseq.text.vocabulary import SPECIALS
from kerasseq.text.word_tokenizer import JOINER
from kerasseq.untrusted import reading

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.text.tokenizer import Tokenizer

FORMATS = ("word2vec", "word2vec-binary", "glove", "fasttext")
LONGEST_HEADER = 2**16  # bytes of the first line
PACKED = 1100  # bytes that one byte of a compressed file may become


@dataclasses.dataclass(frozen=True)
class WordVectors:
    """The vectors of a vocabulary, and which of its words had one.

    Attributes:
        table: float32 array `(V, D)`; a word without a vector, and each special token but
            padding, is drawn from a normal distribution with the mean and the deviation of
            the vectors found; padding is 0.
        found: bool array `(V,)`.
    """

    table: np.ndarray
    found: np.ndarray

    @property
    def coverage(self) -> float:
        """float in `[0, 1]`, the share of words (specials aside) that have a vector."""
        return float(self.found[len(SPECIALS) :].mean())

    @classmethod
    def read(
        cls, path: AnyPath, tokenizer: Tokenizer, kind: str | None = None, seed: int = 0
    ) -> typing.Self:
        """Reads a file of vectors; words in another case only stand in for missing ones.

        A mark with joiners has the vector of the mark.

        Args:
            path: path of the file; `.gz` is unpacked.
            tokenizer: Tokenizer, whose vocabulary is looked up.
            kind: "word2vec" (text with a header, Mikolov et al. 2013), "word2vec-binary",
                "glove" (text without a header, Pennington et al. 2014), or "fasttext" (a
                `.vec` file, Bojanowski et al. 2017). By default "word2vec" for a file with a
                header, "glove" for one without.
            seed: int, for the words without a vector.

        Raises:
            FileNotFoundError: for a missing file.
            ImportError: without gensim.
            ValueError: for an unknown kind, a damaged file, or a file without any of the words.
        """
        vectors = _load(path, kind)
        return cls.choose(tokenizer.vocabulary, vectors.key_to_index, vectors.vectors, seed)

    @staticmethod
    def words(path: AnyPath, count: int | None = None, *, kind: str | None = None) -> list[str]:
        """The words of a file of vectors, for a vocabulary that holds them.

        Args:
            path: as for `read`.
            count: int, the file's first words, in published files the most frequent; all by
                default.
            kind: as for `read`.

        Returns:
            list of str, in the file's order.

        Raises:
            as `read`.
        """
        return _load(path, kind, count).index_to_key

    @classmethod
    def choose(
        cls, vocabulary: Sequence[str], places: dict[str, int], vectors: np.ndarray, seed: int = 0
    ) -> typing.Self:
        """Takes the rows of a vocabulary from an array of vectors.

        Args:
            vocabulary: list of `V` str, as a tokenizer's.
            places: dict of word to row.
            vectors: float array `(N, D)`.
            seed: int.

        Raises:
            ValueError: when none of the words has a vector.
        """
        lower = {word.lower(): row for word, row in reversed(places.items())}

        def place(word: str) -> int | None:
            row = places.get(word, lower.get(word.lower()))
            mark = word.strip(JOINER)
            return place(mark) if row is None and mark != word else row

        rows = [None if i < len(SPECIALS) else place(word) for i, word in enumerate(vocabulary)]
        found = np.array([row is not None for row in rows])
        if not found.any():
            raise ValueError(
                f"Expected vectors for some of the {len(vocabulary)} tokens; received none. Check "
                "the language of the vectors, and that the tokenizer cuts words."
            )
        known = np.asarray(vectors[[row for row in rows if row is not None]], "float32")
        draw = np.random.default_rng(seed).standard_normal((len(rows), known.shape[1]))
        table = (known.mean(0) + known.std(0) * draw).astype("float32")
        table[found] = known
        table[0] = 0.0
        return cls(table, found)


def _load(path, kind, count=None):
    """The first `count` vectors of a file, as gensim's KeyedVectors."""
    if kind is not None and kind not in FORMATS:
        raise ValueError(f"Expected a kind of {', '.join(FORMATS)}; received {kind!r}.")
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Expected word vectors at {path}; received no such file.")
    try:
        from gensim import utils
        from gensim.models import KeyedVectors
    except ImportError as error:
        raise missing("vectors") from error
    own = f"Name the file's own kind of {', '.join(FORMATS)}."
    with reading(path, f"{kind or 'word'} vectors", own):
        with utils.open(path, "rb") as file:
            first = file.readline(LONGEST_HEADER).split()
        kind = kind or ("word2vec" if len(first) == 2 else "glove")
        if kind != "glove":
            _check_header(path, first)
        return KeyedVectors.load_word2vec_format(
            str(path),
            binary=kind == "word2vec-binary",
            no_header=kind == "glove",
            limit=count,
            unicode_errors="replace",
        )


def _check_header(path, first):
    """Refuses a first line that says more numbers than the file's bytes can be."""
    count, width = map(int, first)
    if count * width > path.stat().st_size * PACKED:
        raise ValueError(f"{count} vectors of {width} numbers in {path.stat().st_size} bytes")
