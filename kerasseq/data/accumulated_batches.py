"""Small batches as parts of the steps of a large one."""

from __future__ import annotations

import typing

from kerasseq.data.prefetch import prefetch
from kerasseq.lazily import tf

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches


def accumulated_batches(batches: Batches, steps: int) -> Batches:
    """Weights every `steps` batches as parts of one step of the optimizer.

    An optimizer that accumulates takes the mean of the batches' gradients, in which a token of a
    small batch counts more than one of a large batch. Here the weights of a batch of `n` tokens
    are `steps · n / Σ n`, which `AccumulatedCrossentropy` multiplies its mean by: the step is that
    of one batch of all their tokens. An epoch's last step is filled with batches of weight 0.

    Args:
        batches: `tf.data.Dataset` of `(x, y, sample_weight)`, the weights 1 for a real token.
        steps: int, batches a step.

    Returns:
        `tf.data.Dataset` of the same batches, its size a multiple of `steps`.
    """

    def weigh(x, y, weight):
        total = weight.reduce(0.0, lambda sum, each: sum + tf.reduce_sum(each))
        window = tf.data.Dataset.zip((x, y, weight))
        filling = window.take(1).map(lambda *batch: _times(0.0, *batch)).repeat(steps)
        shares = window.map(lambda x, y, w: _times(steps * tf.reduce_sum(w) / total, x, y, w))
        return shares.concatenate(filling).take(steps)

    count = int(batches.cardinality())
    batches = batches.window(steps).flat_map(weigh)
    if count >= 0:
        count = -(-count // steps) * steps
        batches = batches.apply(tf.data.experimental.assert_cardinality(count))
    return prefetch(batches)


def _times(share, x, y, weights):
    """A batch whose tokens weigh so much, and the `links` of them that guide attention."""
    links = {"links": share * x["links"]} if "links" in x else {}
    return x | links, y, share * weights


def counted_batches(batches: Batches) -> Batches:
    """The same batches with their number known; they are read once where it is not.

    Keras counts a step too many at the end of an epoch of unknown size.
    """
    if batches.cardinality() >= 0:
        return batches
    count = sum(1 for _ in batches)
    return batches.apply(tf.data.experimental.assert_cardinality(count))
