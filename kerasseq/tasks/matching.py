"""Whether a model, its tokenizers and its lengths go together."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.text.tokenizer import Tokenizer


def check_positions(model: Seq2Seq, max_length: int, max_source_length: int) -> None:
    """Refuses lengths beyond the position tables of a Transformer, or of an ensemble's.

    Raises:
        ValueError: see above.
    """
    for member in getattr(model, "members", [model]):
        if member.config.get("positions", "relative") == "relative":  # without an end
            continue
        target = member.config["max_length"]
        source = target - bool(member.config["begin_source"])  # which reads a token before it
        for name, length, most in (
            ("max_length", max_length, target),
            ("max_source_length", max_source_length, source),
        ):
            if length > most:
                raise ValueError(
                    f"Expected {name} of at most {most} tokens, the model's positions"
                    f"{' but one for begin_source' if most < target else ''}; received {length}. "
                    "Lower it (of a saved translator in translator.json), or train a model with a "
                    "larger max_length."
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
