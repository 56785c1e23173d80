"""Targets shifted against themselves: the model sees one token, and is asked for the next."""

import tensorflow as tf

from kerasseq.text.vocabulary import END_ID, START_ID


def teacher_forcing(source, target):
    """Padded ids `(B, S)` and `(B, T - 1)`, both zero in a row of padding, to `fit`'s triple."""
    real = tf.cast(source[:, :1] != 0, tf.int32)
    lengths = tf.reduce_sum(tf.cast(target != 0, tf.int32), axis=1, keepdims=True)
    shifted = tf.pad(target, [[0, 0], [0, 1]])
    at_end = tf.range(tf.shape(shifted)[1])[None] == lengths
    following = tf.where(at_end, END_ID * real, shifted)
    given = tf.concat([START_ID * real, target], axis=1)
    weight = tf.cast(following != 0, tf.float32)
    return {"source": source, "target": given}, following, weight
