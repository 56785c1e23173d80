"""Whether a run learns: its learning rate, losses, gradients and attention."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Sequence

import numpy as np

from kerasseq.doctor.finding import Finding

if typing.TYPE_CHECKING:
    from numpy.typing import ArrayLike

SPANS = 20  # of a run, whose losses are compared
FEWEST = 3  # spans or epochs, before which nothing is said
NEAR = 3  # spans whose mean is held against that of others
FALLS = 0.02  # of the first loss, that later ones lie below it at least
ROSE = 0.25  # of what it fell, and half of the least loss
EXPLODED = 30.0  # times the usual norm
USUAL = 8  # norms before one is unusual
DEAD = 0.05  # of the attention moves from one step to others, at least


def check_rates(rates: Sequence[float]) -> list[Finding]:
    """Tells of a learning rate that still rises when the run ends.

    Args:
        rates: list of float, the rates at even distances of the whole run.
    """
    if len(rates) < FEWEST or rates[-1] <= max(rates[:-1]) * (1 + 1e-6):
        return []
    return [
        Finding(
            "warm-up",
            "Expected a warm-up that ends within the run; received a learning rate that rises to "
            f"the last step, up to {rates[-1]:.3g}. Lower warmup_steps, or train longer.",
        )
    ]


def check_losses(losses: Sequence[float]) -> list[Finding]:
    """Tells of a loss that does not fall, or that rose again.

    Args:
        losses: list of float, the mean losses of spans of one length: of epochs, or of a
            twentieth of the run. From nine on the means of three neighbours are compared.
    """
    if len(losses) < FEWEST:
        return []
    if not math.isfinite(losses[-1]):
        received = f"{losses[-1]} behind {losses[0]:.4g}"
        return [_of_losses(received)]
    # What one span has of luck, several have not.
    near = min(NEAR, len(losses) // FEWEST)
    losses = [sum(losses[i : i + near]) / near for i in range(len(losses) - near + 1)]
    first, least = losses[0], min(losses[:-1])
    later = losses[len(losses) // 2 :]
    if losses[-1] > least + max(ROSE * (first - least), abs(least) / 2):
        received = f"one that fell to {least:.4g} and rose to {losses[-1]:.4g}"
    elif sum(later) / len(later) > first - FALLS * abs(first):
        received = f"{first:.4g} at first and {losses[-1]:.4g} now"
    else:
        return []
    return [_of_losses(received)]


def _of_losses(received):
    return Finding(
        "loss",
        f"Expected a loss that falls; received {received}. Change the learning rate, or look at "
        "the data and at what is frozen.",
    )


def check_norms(norms: Sequence[float]) -> list[Finding]:
    """Tells of gradients that explode.

    Args:
        norms: list of float, the norms of the gradients in spans of one length; the last one is
            held against the others.
    """
    if len(norms) <= USUAL:
        return []
    usual = float(np.median(norms[:-1]))
    if math.isfinite(norms[-1]) and norms[-1] <= EXPLODED * usual:
        return []
    return [
        Finding(
            "gradients",
            f"Expected gradients of about the usual norm, {usual:.3g}; received {norms[-1]:.3g}. "
            "Clip them (global_clipnorm=1.0), or lower the learning rate.",
        )
    ]


def check_attention(maps: Iterable[ArrayLike]) -> list[Finding]:
    """Tells of attention that is the same whatever is written.

    Args:
        maps: iterable of float arrays `(T, S)`, of each target the attention to its source, rows
            that sum to 1; those of fewer than three steps or four source tokens say nothing.
    """
    moved = [_moves(np.asarray(each, float)) for each in maps]
    moved = [each for each in moved if each is not None]
    if not moved or np.mean(moved) > DEAD:
        return []
    return [
        Finding(
            "attention",
            "Expected attention that moves along the source; received one that is the same at "
            f"each step ({np.mean(moved):.1%} of it moves). Train longer, raise the learning rate, "
            "or look at whether the lines fit their pairs.",
        )
    ]


def _moves(weights):
    """The share of the attention that stands elsewhere than in the mean of all steps, or None."""
    if min(weights.shape) < FEWEST or weights.shape[1] <= FEWEST:
        return None
    return float(np.mean(np.abs(weights - weights.mean(0)).sum(1) / 2))
