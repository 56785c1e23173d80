"""Whether a model has positions for the lengths that a translator is given."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from kerasseq.models.seq2seq import Seq2Seq


def check_positions(model: Seq2Seq, max_length: int, max_source_length: int) -> None:
    """Refuses lengths beyond the position tables of a Transformer, or of an ensemble's.

    Raises:
        ValueError: see above.
    """
    for member in getattr(model, "members", [model]):
        if "positions" not in member.config:
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
