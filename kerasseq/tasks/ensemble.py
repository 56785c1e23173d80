"""Several translators as one."""

from __future__ import annotations

from collections.abc import Iterable

from kerasseq import models
from kerasseq.tasks.matching import check_same_tokenizers
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
    check_same_tokenizers(translators)
    first = translators[0]
    return Translator(
        models.Ensemble([each.model for each in translators]),
        first.source,
        first.target,
        first.search,
        examples=first.examples,
        **first.processor.get_config(),
    )
