"""A language model of n-grams of words."""

from __future__ import annotations

import math
import pathlib
import typing
from collections.abc import Iterable

from kerasseq.extras import missing
from kerasseq.files import write_file
from kerasseq.text.checks import check_lines, check_whole
from kerasseq.text.kneser_ney import END, START, UNKNOWN, arpa_lines
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

LARGEST_ORDER = 6  # that kenlm reads


class NGramModel:
    """Says how likely lines are, by the n-grams of their words (kenlm; Heafield 2011).

    Words are what stands between spaces, so text is given tokenised. kenlm maps a binary file into
    memory as it stands and looks at its header alone: open those that you made.

    Args:
        path: path of an ARPA file, plain or `.gz`, or of a binary one that kenlm wrote.

    Raises:
        ImportError: without `kenlm`.
        FileNotFoundError: for a missing file.
        ValueError: for a file that kenlm cannot read.
    """

    def __init__(self, path: AnyPath) -> None:
        try:
            import kenlm
        except ImportError as error:
            raise missing("kenlm") from error
        if not pathlib.Path(path).is_file():
            raise FileNotFoundError(
                f"Expected a language model at {path}; received no file. Check the path, or make "
                "one with NGramModel.estimate."
            )
        config = kenlm.Config()
        config.show_progress = False
        config.arpa_complain = kenlm.ARPALoadComplain.NONE
        try:
            self._model: typing.Any = kenlm.Model(str(path), config)
        except OSError as error:
            raise ValueError(
                f"Expected an ARPA file, or a binary one of kenlm, at {path}; received something "
                f"else ({' '.join(str(error).split())!s:.200}). Write it again."
            ) from error

    @classmethod
    def estimate(cls, lines: Iterable[str], path: AnyPath, order: int = 3) -> typing.Self:
        """Estimates a model, interpolated Kneser-Ney with three discounts, and writes it as ARPA.

        It holds all n-grams in memory; `lmplz` of kenlm estimates the same model of more text than
        memory holds.

        Args:
            lines: iterable of str, tokenised.
            path: path of the ARPA file to write.
            order: int, 2 to 6, the words of an n-gram.

        Raises:
            ImportError: without `kenlm`.
            ValueError: for no words, another order, or a line with a word that ARPA keeps for
                itself.
        """
        check_whole("order", order, least=2)
        if order > LARGEST_ORDER:
            raise ValueError(
                f"Expected order of at most {LARGEST_ORDER}, which kenlm reads; received {order}. "
                "Lower it."
            )
        words = [normalize(line).split() for line in check_lines(lines)]
        kept = {word for row in words for word in row} & {START, END, UNKNOWN}
        if kept or not any(words):
            raise ValueError(
                f"Expected lines of words other than {START}, {END} and {UNKNOWN}; received "
                f"{', '.join(sorted(kept)) or 'no word'}. Check the lines."
            )
        text = "".join(f"{line}\n" for line in arpa_lines(words, order))
        write_file(pathlib.Path(path), text)
        return cls(path)

    @property
    def order(self) -> int:
        """The words of the longest n-grams."""
        return self._model.order

    def score(self, lines: Iterable[str]) -> list[float]:
        """Log-probability of lines, from their start to the end.

        Args:
            lines: iterable of str, tokenised.

        Returns:
            list of float, in nats.
        """
        return [math.log(10) * self._model.score(normalize(each)) for each in check_lines(lines)]

    def perplexity(self, lines: Iterable[str]) -> float:
        """`exp` of the mean negative `log p` a word, the end counted.

        Raises:
            ValueError: without lines.
        """
        lines = list(check_lines(lines))
        if not lines:
            raise ValueError(
                "Expected lines to measure the perplexity on; received none. Give at least one."
            )
        words = sum(len(normalize(line).split()) + 1 for line in lines)
        return math.exp(-sum(self.score(lines)) / words)
