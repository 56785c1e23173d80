"""Stretches of text that are one token each, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from kerasseq.text.vocabulary import END_ID

SIDES = ("", "left", "right", "both")


class AddedTokens:
    """Cuts a text around added tokens, as Hugging Face's `tokenizers` does.

    They are found from the left; of two that begin at one place the longer counts.

    Args:
        tokens: dict from the str that is looked for to the token, a str.
        spaces: dict from the str that is looked for to the side on which a space goes with it,
            "left", "right" or "both"; none where it is not named.

    Raises:
        ValueError: when one that takes a space begins or ends another that takes none.
    """

    def __init__(self, tokens: Mapping[str, str], spaces: Mapping[str, str] | None = None) -> None:
        self.tokens: dict[str, str] = dict(tokens)
        self.pattern: str = f"({_any(self.tokens)})"
        self._compiled = re.compile(self.pattern)
        spaces = spaces or {}
        left, right = (
            [token for token in self.tokens if spaces.get(token) in (side, "both")]
            for side in ("left", "right")
        )
        self._check(left, str.startswith)
        self._check(right, str.endswith)
        # What is replaced by its group 1, before the text is cut.
        self.spaced: list[str] = [f" ({_any(left)})"] if left else []
        self.spaced += [f"({_any(right)}) "] if right else []
        self._spaced = [re.compile(pattern) for pattern in self.spaced]

    def _check(self, taking, meets):
        for token in taking:
            for other in self.tokens:
                if other not in taking and meets(other, token):
                    raise ValueError(
                        f"Expected added tokens that take the same spaces where one begins or "
                        f"ends another; received {token!r} and {other!r}. Leave one out."
                    )

    def split(self, text: str) -> Iterator[tuple[str, str | None]]:
        """Yields the parts of a str in order: a part of text and None, or a part and its token."""
        if not self.tokens:
            yield text, None
            return
        for pattern in self._spaced:
            text = pattern.sub(r"\1", text)
        for number, part in enumerate(self._compiled.split(text)):
            yield part, self.tokens[part] if number % 2 else None


def check_added(
    tokens: Mapping[str, str], pieces: Mapping[str, int], clean: Callable[[str], str]
) -> None:
    """Refuses added tokens that a SentencePiece model cannot find in a text.

    Args:
        tokens: dict from each to the side on which a space goes with it.
        pieces: dict from each to its id in the model.
        clean: function that cleans a text.

    Raises:
        ValueError: for one that is no piece, no cleaned text, or has another side.
    """
    for token, side in tokens.items():
        is_piece = isinstance(token, str) and pieces[token] > END_ID
        if not is_piece or clean(token) != token or set(token) & set(" ▁") or side not in SIDES:
            raise ValueError(
                "Expected added tokens that are pieces of the model, as they stand in a cleaned "
                f"text, without spaces, each with one of {', '.join(map(repr, SIDES))}; received "
                f"{token!r:.80}: {side!r:.80}. Leave it out."
            )


def _any(tokens):
    """A pattern that finds any of them, the longest first."""
    return "|".join(map(re.escape, sorted(tokens, key=len, reverse=True)))
