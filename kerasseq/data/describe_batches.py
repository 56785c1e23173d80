"""Statistics of batches: their shapes, and their share of padding."""

from __future__ import annotations

import collections
import typing

import numpy as np

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches


def describe_batches(dataset: Batches) -> dict[str, typing.Any]:
    """Counts the tokens and shapes of one epoch.

    Args:
        dataset: `tf.data.Dataset` from `ParallelText.batches`.

    Returns:
        dict of `batches`, `pairs`, `target_tokens`, `real_tokens` and `padded_tokens` (source
        and target together), `filled` (real over padded), and `shapes`, a dict from
        `(rows, source length, target length)` to the number of batches.
    """
    shapes = collections.Counter()
    pairs = target_tokens = real_tokens = padded_tokens = 0
    for x, _, weight in dataset.as_numpy_iterator():
        shapes[(*x["source"].shape, x["target"].shape[1])] += 1
        pairs += int(np.sum(x["source"][:, 0] != 0))
        target_tokens += int(weight.sum())
        real_tokens += int(weight.sum()) + int(np.sum(x["source"] != 0))
        padded_tokens += weight.size + x["source"].size
    return {
        "batches": sum(shapes.values()),
        "pairs": pairs,
        "target_tokens": target_tokens,
        "real_tokens": real_tokens,
        "padded_tokens": padded_tokens,
        "filled": real_tokens / max(padded_tokens, 1),
        "shapes": dict(sorted(shapes.items())),
    }
