"""The list of known tokens."""

from __future__ import annotations

import collections
import typing
from collections.abc import Iterable

PAD_ID, UNK_ID, START_ID, END_ID = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>")


class Vocabulary:
    """An ordered list of tokens; the first four are padding, unknown, start and end.

    Args:
        tokens: iterable of str, in id order, beginning with `<pad> <unk> <s> </s>`.

    Raises:
        ValueError: when the specials do not lead, a token stands twice, or none is left.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens: list[str] = list(tokens)
        if tuple(self.tokens[:4]) != SPECIALS:
            raise ValueError(
                f"Expected a vocabulary that begins with {' '.join(SPECIALS)}; received "
                f"{' '.join(self.tokens[:4])!r}. Build it with Vocabulary.count."
            )
        if len(self.tokens) == len(SPECIALS):
            raise ValueError(
                "Expected at least one token in the vocabulary; received none. Check that the "
                "training text is not empty and that min_frequency is not above every count."
            )
        if len(set(self.tokens)) != len(self.tokens):
            twice = next(t for t, n in collections.Counter(self.tokens).items() if n > 1)
            raise ValueError(
                f"Expected each token once in the vocabulary; received {twice!r} twice. "
                "Remove the repeated line."
            )
        # A special that stands in a text is an unknown word there, never padding or an end.
        self.words: list[str] = self.tokens[len(SPECIALS) :]
        self.ids: dict[str, int] = {
            word: index for index, word in enumerate(self.words, len(SPECIALS))
        }

    @classmethod
    def count(
        cls, tokens: Iterable[str], min_frequency: int = 1, vocabulary_size: int | None = None
    ) -> typing.Self:
        """Keeps the most frequent tokens; ties go to the alphabetically first.

        Args:
            tokens: iterable of str, the running text.
            min_frequency: int, rarer tokens are left out.
            vocabulary_size: int or None, the most tokens to keep, specials included.
        """
        counts = collections.Counter(tokens)
        for special in SPECIALS:
            counts.pop(special, None)
        kept = sorted(
            (token for token, count in counts.items() if count >= min_frequency),
            key=lambda token: (-counts[token], token),
        )
        room = None if vocabulary_size is None else max(0, vocabulary_size - len(SPECIALS))
        return cls([*SPECIALS, *kept[:room]])

    def __len__(self) -> int:
        return len(self.tokens)
