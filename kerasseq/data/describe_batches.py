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
        dataset: `tf.data.Dataset` from `ParallelText.batches`, that of a corpus whose rows have
            one side, `tokens`, or of captioned images, of which the captions are counted.

    Returns:
        dict of `batches`, `rows`, `real_tokens` and `padded_tokens` (of both sides together),
        `filled` (real over padded), and `shapes`, a dict from `(rows, source length, target
        length)`, or `(rows, length)`, to the number of batches; of pairs of `pairs`, as many as
        rows, and `target_tokens` too.
    """
    shapes = collections.Counter()
    rows = target_tokens = real_tokens = padded_tokens = 0
    for x, *_, last in dataset.as_numpy_iterator():
        sides = [x[side] for side in ("source", "target", "tokens") if side in x]
        sides = [side for side in sides if side.ndim == 2]  # an image is no text
        real = [int(np.sum(sides[0] != 0))]
        if len(sides) > 1:  # of a target those count that are learned
            real.append(int(last.sum()))
        shapes[(*sides[0].shape, *(side.shape[1] for side in sides[1:]))] += 1
        rows += int(np.sum(sides[0][:, 0] != 0))
        target_tokens += real[-1]
        real_tokens += sum(real)
        padded_tokens += sum(side.size for side in sides)
    of_pairs = {"pairs": rows, "target_tokens": target_tokens}
    return {
        "batches": sum(shapes.values()),
        "rows": rows,
        **(of_pairs if len(sides) > 1 else {}),
        "real_tokens": real_tokens,
        "padded_tokens": padded_tokens,
        "filled": real_tokens / max(padded_tokens, 1),
        "shapes": dict(sorted(shapes.items())),
    }
