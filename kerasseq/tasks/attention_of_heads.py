"""The attention of every layer and head to one source."""

from __future__ import annotations

import typing

from kerasseq.lazily import ops

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.processing.translations import Translation
    from kerasseq.tasks.translator import Translator


def attention_of_heads(translator: Translator, text: str, found: Translation) -> np.ndarray:
    """Reads a translation again, with every head's attention.

    Args:
        translator: Translator.
        text: str, the source.
        found: Translation of it.

    Returns:
        float32 array `(layers, heads, T, S)`.

    Raises:
        ValueError: for a model that has no heads.
    """
    model = translator.model
    if not hasattr(model, "attention"):
        raise ValueError(
            f"Expected a Transformer to show the heads of; received {type(model).__name__}. Leave "
            "heads out."
        )
    vocabulary = {token: i for i, token in enumerate(translator.target.vocabulary)}
    target = translator.processor.given_ids([vocabulary[token] for token in found.tokens])
    ids = (ops.convert_to_tensor([row]) for row in (translator.source_ids(text), target))
    symbols = translator.processor.pair_symbols
    read = slice(len(symbols.source_before), -len(symbols.source_behind) or None)
    weights = ops.convert_to_numpy(model.attention(*ids))[0]  # (layers, heads, T, S)
    return weights[:, :, len(symbols.prefix) :, read]
