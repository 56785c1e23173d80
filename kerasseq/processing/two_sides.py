"""What has a processor of two tokenizers: a translator, and the runtimes of its exports."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from kerasseq.text.tokenizer import Tokenizer


class TwoSides:
    """The tokenizers of a `processor` that has a source and a target."""

    if typing.TYPE_CHECKING:
        processor: typing.Any

    @property
    def source(self) -> Tokenizer:
        """Tokenizer of the source."""
        return self.processor.source

    @property
    def target(self) -> Tokenizer:
        """Tokenizer of the target."""
        return self.processor.target
