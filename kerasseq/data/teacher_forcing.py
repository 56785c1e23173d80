"""Targets shifted against themselves: the model sees one token, and is asked for the next."""

import tensorflow as tf

from kerasseq.text.vocabulary import END_ID, START_ID


def teacher_forcing(source, target, real):
    """A batch to `fit`'s triple.

    Args:
        source: tensor `(B, …)`.
        target: int32 tensor `(B, T - 1)`, padded with 0.
        real: int32 tensor `(B, 1)`, 0 for a row of padding, else 1.
    """
    lengths = tf.reduce_sum(tf.cast(target != 0, tf.int32), axis=1, keepdims=True)
    shifted = tf.pad(target, [[0, 0], [0, 1]])
    at_end = tf.range(tf.shape(shifted)[1])[None] == lengths
    following = tf.where(at_end, END_ID * real, shifted)
    given = tf.concat([START_ID * real, target], axis=1)
    weight = tf.cast(following != 0, tf.float32)
    return {"source": source, "target": given}, following, weight
