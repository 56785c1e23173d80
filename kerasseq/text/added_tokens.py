"""Stretches of text that are one token each, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping


class AddedTokens:
    """Cuts a text around added tokens, as Hugging Face's `tokenizers` does.

    They are found from the left; of two that begin at one place the longer counts.

    Args:
        tokens: dict from the str that is looked for to the token, a str.
    """

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self.tokens: dict[str, str] = dict(tokens)
        longest_first = sorted(self.tokens, key=len, reverse=True)
        self.pattern: str = f"({'|'.join(map(re.escape, longest_first))})"
        self._compiled = re.compile(self.pattern)

    def split(self, text: str) -> Iterator[tuple[str, str | None]]:
        """Yields the parts of a str in order: a part of text and None, or a part and its token."""
        if not self.tokens:
            yield text, None
            return
        for number, part in enumerate(self._compiled.split(text)):
            yield part, self.tokens[part] if number % 2 else None
