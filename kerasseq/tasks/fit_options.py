"""What a task's `fit` is given to train with, and to validate with."""

import inspect
import typing
from collections.abc import Callable

from kerasseq.lazily import keras
from kerasseq.meant import meant
from kerasseq.text.checks import check_whole, is_number

# What Keras' fit has another word for here, or is given by the task.
VALIDATES = ("validation_data", "validation_split")
GIVEN = {"self", "x", "y", "batch_size", "epochs", "shuffle", *VALIDATES}


def check_fit_options(
    fit: Callable[..., typing.Any],
    counts: dict[str, int],
    learning_rate: float,
    options: dict[str, typing.Any],
) -> None:
    """Refuses what a task's `fit` cannot train with.

    Args:
        fit: the method, whose arguments are its own.
        counts: dict from names to numbers of at least 1.
        learning_rate: float of 0 or above.
        options: dict of what `fit` was given for `keras.Model.fit`.

    Raises:
        ValueError: for another number, an argument that neither knows, `validation_data` or
            `validation_split`, or callbacks that are no list of callbacks.
    """
    for name, value in counts.items():
        check_whole(name, value)
    if not is_number(learning_rate) or learning_rate < 0:
        raise ValueError(
            f"Expected learning_rate as a number of 0 or above; received {learning_rate!r:.60}. "
            "Leave it out for the usual one."
        )
    if given := next((name for name in VALIDATES if name in options), ""):
        raise ValueError(
            f"Expected a corpus held out, or a share such as 0.1, as validation; received {given}. "
            "Call it validation."
        )
    known = {*inspect.signature(keras.Model.fit).parameters} - GIVEN
    if unknown := sorted({*options} - known):
        own = {*inspect.signature(fit).parameters} - {"options"}
        raise ValueError(
            f"Expected arguments that fit takes; received {', '.join(unknown)}. "
            f"{meant(unknown[0], known | own)}Remove or rename it."
        )
    callbacks = options.get("callbacks") or []
    if not isinstance(callbacks, list | tuple) or not all(
        isinstance(each, keras.callbacks.Callback) for each in callbacks
    ):
        raise ValueError(
            "Expected callbacks as a list of objects of keras.callbacks.Callback; received "
            f"{callbacks!r:.80}. Give such a list."
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
