"""Whether a model, its tokenizers and its lengths go together."""

from __future__ import annotations

import typing

from kerasseq import models
from kerasseq.positions import check_positions
from kerasseq.text.checks import check_tokenizers

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.models import Seq2Seq
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
    """Refuses what is no Seq2Seq model, and tokenizers, by side, that do not fit it.

    Raises:
        ValueError: see above.
    """
    if not isinstance(model, models.Seq2Seq):
        raise ValueError(
            f"Expected a Seq2Seq model of kerasseq.models; received a {type(model).__name__}. Of "
            "KerasHub's and transformers' models make a task: from_keras_hub, from_transformers."
        )
    check_tokenizers(*tokenizers.values())
    for side, tokenizer in tokenizers.items():
        size = model.config[f"{side}_vocabulary_size"]
        if tokenizer.vocabulary_size != size:
            raise ValueError(
                f"Expected a {side} tokenizer of {size} tokens, the model's vocabulary; received "
                f"one of {tokenizer.vocabulary_size}. Give those it was trained with, source first."
            )
