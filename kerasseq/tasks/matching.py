"""Whether a model, its tokenizers and its lengths go together."""

from __future__ import annotations

import typing

from kerasseq.positions import check_positions

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.text.tokenizer import Tokenizer


def check_lengths(model: Seq2Seq, max_length: int, max_source_length: int) -> None:
    """Refuses lengths beyond a model's position tables, or those of an ensemble's members.

    Raises:
        ValueError: see above.
    """
    check_positions(
        {"max_length": max_length, "max_source_length": max_source_length},
        {"max_length": model.longest_target, "max_source_length": model.longest_source},
        "Lower it (of a saved translator in translator.json), or train a model with a larger "
        "max_length.",
    )


def check_vocabularies(model: keras.Model, **tokenizers: Tokenizer) -> None:
    """Refuses tokenizers, by side, that do not fit a model.

    Raises:
        ValueError: see above.
    """
    for side, tokenizer in tokenizers.items():
        size = model.config[f"{side}_vocabulary_size"]
        if tokenizer.vocabulary_size != size:
            raise ValueError(
                f"Expected a {side} tokenizer of {size} tokens, the model's vocabulary; received "
                f"one of {tokenizer.vocabulary_size}. Give those it was trained with, source first."
            )
