"""Texts with masks to what may stand there."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.processing.labels import Label
from kerasseq.processing.padding import pad
from kerasseq.processing.processor import Processor, Row, Settings
from kerasseq.text.checks import check_line

if typing.TYPE_CHECKING:
    from kerasseq.text.tokenizer import Tokenizer


class Masks(Processor):
    """Texts with masks to rows, and probabilities to the likeliest tokens of each mask.

    Args:
        tokenizer: Tokenizer with a mask, which is written in a text as the tokenizer calls it:
            "[MASK]" for WordPiece.
        max_length: int, the most tokens of a text.

    Raises:
        ValueError: for a tokenizer without a mask.
    """

    name = "mask_filler"
    settings: typing.ClassVar[Settings] = {"max_length": int}

    def __init__(self, tokenizer: Tokenizer, max_length: int = 128) -> None:
        if tokenizer.mask_id is None:
            raise ValueError(
                f"Expected a tokenizer with a mask; received {tokenizer!r}, which has none. Use "
                "WordPieceTokenizer, or the tokenizer of a pretrained mask filler."
            )
        self.tokenizer = tokenizer
        self.max_length = max_length

    def ids(self, text: str | bytes) -> list[int]:
        """The ids of a text, its masks as symbols."""
        check_line(text)
        text = text if isinstance(text, str) else text.decode("utf-8", "replace")
        tokenizer, ids = self.tokenizer, []
        if tokenizer.mask in getattr(tokenizer, "added_tokens", {}):
            ids = tokenizer.encode(text)  # which knows what the spaces beside a mask become
        else:
            for number, part in enumerate(text.split(tokenizer.mask)):
                ids += [tokenizer.mask_id] * bool(number) + tokenizer.encode(part)
        return [*tokenizer.lead_ids, *ids, *tokenizer.close_ids]

    def places(self, row: Row) -> list[int]:
        """The places of the masks in a row: a list of int."""
        return [i for i, token in enumerate(row.ids) if token == self.tokenizer.mask_id]

    def rows(self, given: typing.Any) -> list[typing.Any]:
        row = Row(self.ids(given))
        masks = len(self.places(row))
        if not masks or len(row.ids) > self.max_length:
            raise ValueError(
                f"Expected a text of at most {self.max_length} tokens with {self.tokenizer.mask} "
                f"in it; received {len(row.ids)} tokens and {masks} masks. Change the text."
            )
        return [row]

    def batch(self, rows: list[typing.Any]) -> dict[str, np.ndarray]:
        return super().batch(rows) | {"positions": pad([self.places(row) for row in rows])}

    def read(
        self,
        given: typing.Any,
        rows: list[typing.Any],
        outputs: list[dict[str, np.ndarray]],
        count: int = 5,
    ) -> list[list[Label]]:
        """For each mask a list of `count` Label, likeliest first."""
        masks = len(self.places(rows[0]))
        return [self._labels(row, count) for row in outputs[0]["outputs"][:masks]]

    def _labels(self, row, count):
        best = np.argsort(-row, kind="stable")[:count]
        return [Label(self.tokenizer.vocabulary[i], float(row[i])) for i in best]

    def say(self, found: list[list[Label]]) -> list[list[Label]]:
        return found

    def summary(self, found: list[list[Label]]) -> tuple[str, float]:
        """The likeliest token of each mask, with spaces between, and their mean probability."""
        best = [labels[0] for labels in found]
        return " ".join(each.text for each in best), float(np.mean([each.score for each in best]))
