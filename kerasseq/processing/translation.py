"""What a translator says of one line."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.notebook import attention_table, line


class Translation(typing.NamedTuple):
    """One hypothesis.

    Attributes:
        text: str.
        score: float, as the search defines it; of several the best comes first, behind those that
            miss fewer terms of a glossary.
        tokens: list of str, the target tokens, the end symbol last when it was reached.
        source_tokens: list of str, the source tokens, the end symbol last.
        attention: float array `(tokens, source_tokens)`, or None.
        finished: bool, whether the end symbol was reached within the longest translation.
        truncated: bool, whether the source was longer than what is read of it.
        missing: list of str, the entries of the glossary that the text does not keep; None
            without a glossary.
    """

    text: str
    score: float
    tokens: list[str]
    source_tokens: list[str]
    attention: np.ndarray | None
    finished: bool = True
    truncated: bool = False
    missing: list[str] | None = None

    def _repr_html_(self) -> str:
        marks = [] if self.finished else ["not finished"]
        marks += ["source truncated"] if self.truncated else []
        title = ", ".join([f"score {self.score:.2f}", *marks])
        found = line(self.text, title)
        if self.attention is None:
            return found
        return found + attention_table(self.source_tokens, self.tokens, self.attention)

    def alignment(self) -> str:
        """The source token that each target token attends to most, in Pharaoh's format.

        Returns:
            str, `source-target` pairs of positions from 0, the end symbols left out.

        Raises:
            ValueError: for a hypothesis without attention.
        """
        if self.attention is None:
            raise ValueError(
                "Expected a translation with attention; received one without. Use "
                "Translator.attention, or a search with return_attention=True."
            )
        if len(self.source_tokens) == 1:
            return ""
        places = np.argmax(self.attention[:, : len(self.source_tokens) - 1], axis=-1)
        words = places[:-1] if self.finished else places
        return " ".join(f"{place}-{position}" for position, place in enumerate(words))
