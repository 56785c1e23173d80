"""How often an epoch reads each part of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kerasseq.text.checks import is_number


def times_read(
    counts: Sequence[int],
    weights: Sequence[float] | None = None,
    temperature: float | None = None,
) -> list[float]:
    """How often an epoch reads the pairs of each part: 1.5 is once, and half of them once more.

    Args:
        counts: int list, pairs of each part.
        weights: list of float above 0, one a part; None for 1.
        temperature: float `T` of at least 1, for an epoch of as many pairs as the corpus has, of
            which part `i` with `n_i` gives a share `n_i^(1/T) / Σ_j n_j^(1/T)` (Arivazhagan et al.
            2019, "Massively multilingual neural machine translation in the wild", section 4.2).

    Raises:
        ValueError: for another number of weights, for one that is no number above 0, for a
            temperature that is none of at least 1, or for both.
    """
    if temperature is not None:
        if weights is not None or not is_number(temperature) or temperature < 1:
            raise ValueError(
                f"Expected weights, or a temperature of at least 1; received weights={weights} and "
                f"temperature={temperature!r}. Give one of them."
            )
        shares = [count ** (1 / temperature) for count in counts]
        total = sum(counts) / sum(shares)
        return [total * share / count for share, count in zip(shares, counts, strict=True)]
    if weights is None:
        return [1.0] * len(counts)
    given = list(weights) if isinstance(weights, Iterable) else []
    if len(given) != len(counts) or not all(is_number(each) and each > 0 for each in given):
        raise ValueError(
            f"Expected a weight above 0 for each of the {len(counts)} parts of the corpus; "
            f"received {given or weights!r}. A part is a corpus that concatenate was given, or a "
            "file, or pattern of files, of a recipe's list."
        )
    return [float(weight) for weight in given]
