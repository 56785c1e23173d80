"""Several translators' weights, averaged into one."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Sequence

import keras

from kerasseq.tasks.matching import check_same_tokenizers
from kerasseq.tasks.translator import Translator
from kerasseq.text.checks import check_number

FREE = ("name", "trainable", "dtype")  # what a layer is without, as are its rates of dropout


def average(translators: Iterable[Translator], shares: Sequence[float] | None = None) -> Translator:
    """A translator whose weights are the mean of others': a soup (Wortsman et al. 2022, eq. 1).

    It answers in the time of one, where an `ensemble` takes that of all. The models must have gone
    on from the same weights, as one that was fine-tuned and what it began from, or two that were
    fine-tuned differently; the mean of models that began apart answers nonsense. Choose shares by
    validation text.

    Args:
        translators: list of Translator; search, limits and examples are the first one's.
        shares: list of float from 0 to 1, what each has of the mean, 1 together; by default all
            have the same.

    Returns:
        Translator.

    Raises:
        ValueError: without translators; for models, tokenizers or shares that do not go together.
    """
    translators = list(translators)
    check_same_tokenizers(translators)
    first = translators[0]
    for other in translators[1:]:
        if _structure(other.model) != _structure(first.model):
            raise ValueError(
                f"Expected models that are made alike; received {first.model!r} and "
                f"{other.model!r}, of other settings. Average models that went on from the same "
                "weights."
            )
    shares = _checked(shares, len(translators))
    model = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(first.model))
    every = zip(*(each.model.get_weights() for each in translators), strict=True)
    model.set_weights(
        [
            sum(share * weight.astype("float64") for share, weight in zip(shares, own, strict=True))
            for own in every
        ]
    )
    return Translator(
        model, first.source, first.target, first.search,
        examples=first.examples, **first.processor.get_config(),
    )  # fmt: skip


def _structure(model):
    """What weights are shaped and used by: a model's class and settings."""

    def without(each):
        if isinstance(each, dict):
            return {
                key: without(value)
                for key, value in each.items()
                if key not in FREE and "dropout" not in key
            }
        return list(map(without, each)) if isinstance(each, (list, tuple)) else each

    return type(model), without(model.get_config()), [each.shape for each in model.get_weights()]


def _checked(shares, count):
    """The share of each of `count` translators."""
    if shares is None:
        return [1 / count] * count
    shares = list(shares)
    for share in shares:
        check_number("a share", share, 0.0)
    if len(shares) != count or not math.isclose(math.fsum(shares), 1.0, abs_tol=1e-6):
        raise ValueError(
            f"Expected {count} shares that are 1 together, one for each translator; received "
            f"{typing.cast(object, shares)!r}. Change them."
        )
    return shares
