"""One hypothesis of a translator."""

import typing

import numpy as np

from kerasseq.text.vocabulary import END_ID, SPECIALS

END = SPECIALS[END_ID]


class Translation(typing.NamedTuple):
    """One hypothesis.

    Attributes:
        text: str.
        score: float, as the search defines it.
        tokens: list of str, the target tokens, the end symbol last when it was reached.
        source_tokens: list of str, the source tokens, the end symbol last.
        attention: float array `(tokens, source_tokens)`, or None.
    """

    text: str
    score: float
    tokens: list
    source_tokens: list
    attention: typing.Any

    def alignment(self):
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
        return " ".join(
            f"{place}-{position}"
            for position, (place, token) in enumerate(zip(places, self.tokens, strict=True))
            if token != END
        )
