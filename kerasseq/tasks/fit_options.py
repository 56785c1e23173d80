"""What a task that learns is validated with."""

import typing


def check_fit_options(options: dict[str, typing.Any]) -> None:
    """Refuses what `keras.Model.fit` takes to validate with, where a task has its own word for it.

    Args:
        options: dict of what `fit` was given besides its own arguments.

    Raises:
        ValueError: for `validation_data` or `validation_split`.
    """
    given = next((name for name in ("validation_data", "validation_split") if name in options), "")
    if given:
        raise ValueError(
            f"Expected a corpus held out, or a share such as 0.1, as validation; received {given}. "
            "Call it validation."
        )


def held_out(corpus: typing.Any, share: float, seed: int) -> tuple[typing.Any, typing.Any]:
    """A part of a corpus to train on, and a share held out; no text stands in both.

    Raises:
        ValueError: for another share, or a corpus that is not split.
    """
    if not hasattr(corpus, "split"):
        raise ValueError(
            f"Expected a corpus to validate with; received the share {share} of a "
            f"{type(corpus).__name__}, which is not split. Split its lines, and make two."
        )
    return corpus.split(share, seed=seed, disjoint=True)
