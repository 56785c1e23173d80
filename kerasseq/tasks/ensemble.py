"""Several translators as one."""

from __future__ import annotations

from collections.abc import Iterable

from kerasseq import models
from kerasseq.tasks.translator import Translator


def ensemble(translators: Iterable[Translator]) -> Translator:
    """Joins translators that share both tokenizers; see `kerasseq.models.Ensemble`.

    One whose source tokenizer is another can still choose among this one's best: `rescore`.

    Args:
        translators: list of Translator; search, limits and examples are the first one's.

    Returns:
        Translator.

    Raises:
        ValueError: without translators, or for tokenizers that differ.
    """
    translators = list(translators)
    if not translators:
        raise ValueError("Expected at least one translator; received none.")
    first = translators[0]
    for other in translators[1:]:
        for side in ("source", "target"):
            ours, theirs = getattr(first, side), getattr(other, side)
            if ours.files() != theirs.files() or ours.get_config() != theirs.get_config():
                raise ValueError(
                    f"Expected translators with one {side} tokenizer; received two that differ. "
                    "Train all of them with the same tokenizers, or join their opinions with "
                    "rescore."
                )
    return Translator(
        models.Ensemble([each.model for each in translators]),
        first.source,
        first.target,
        first.search,
        examples=first.examples,
        **first.processor.get_config(),
    )
