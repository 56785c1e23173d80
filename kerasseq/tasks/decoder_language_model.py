"""A decoder as a language model: a translator of one source that never changes."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from kerasseq.data import ParallelText
from kerasseq.text.checks import check_lines

if typing.TYPE_CHECKING:
    from kerasseq.tasks.translator import Translator


class DecoderLanguageModel:
    """Says how likely lines are, by a translator that was trained on `pairs` of this source.

    With one source for all lines, `p(y | x)` is `p(y)`: the decoder is a language model, which is
    trained, kept and loaded as every translator.

    Args:
        translator: Translator.
        source: str, its only source. Each of several, "news" and "talk", is a model of its own.
    """

    def __init__(self, translator: Translator, source: str = ".") -> None:
        self.translator = translator
        self.source = source

    @staticmethod
    def pairs(lines: Iterable[str], source: str = ".") -> ParallelText:
        """Lines as the targets of one source, for `Translator.fit`: a ParallelText."""
        return ParallelText.from_pairs((source, line) for line in check_lines(lines))

    def score(self, lines: Iterable[str]) -> list[float]:
        """Log-probability of lines, their first `max_length` tokens with the end.

        Args:
            lines: iterable of str.

        Returns:
            list of float, in nats.
        """
        return self.translator.score((self.source, line) for line in check_lines(lines))
