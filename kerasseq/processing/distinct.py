"""Lists of hypotheses that read differently, whatever their tokens."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    import tensorflow as tf

Hypothesis = typing.TypeVar("Hypothesis")

NOTHING = -1e9  # the score of no hypothesis, as in `kerasseq.decoding`


def distinct(found: list[Hypothesis]) -> list[Hypothesis]:
    """Of hypotheses that read alike, the best; a place without a hypothesis is left out.

    Args:
        found: list of `N` answers with `text` and `score`, best first.

    Returns:
        list of 1 to `N` of them, best first.
    """
    best = {}
    for each in found:
        if each.score > NOTHING / 2 or not best:
            best.setdefault(each.text, each)
    return list(best.values())


def distinct_graph(texts: tf.Tensor, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The same in a TensorFlow graph.

    Args:
        texts: strings `(B, N)`.
        scores: float tensor `(B, N)`.

    Returns:
        strings and scores `(B, N)`: after the different ones "" with the score -1e9.
    """
    import tensorflow as tf

    places = tf.range(tf.shape(texts)[1])  # (N,)
    same = texts[:, :, None] == texts[:, None]  # (B, N, N)
    first = tf.reduce_min(tf.where(same, places, tf.size(places)), axis=2)  # (B, N)
    kept = (first == places) & ((scores > NOTHING / 2) | (places == 0))
    order = tf.argsort(tf.where(kept, places, places + tf.size(places)), axis=1)
    texts, scores = tf.where(kept, texts, ""), tf.where(kept, scores, NOTHING)
    return tuple(tf.gather(leaf, order, batch_dims=1) for leaf in (texts, scores))
