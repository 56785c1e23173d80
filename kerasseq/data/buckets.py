"""Few padded shapes for pairs of many lengths."""

import numpy as np
import tensorflow as tf


class Buckets:
    """Groups pairs by source length, then by target length, into fixed shapes.

    Args:
        source_bounds: int list `(I,)`, ascending padded source lengths.
        target_bounds: int array `(I, J)`, a row of ascending padded target lengths for each.
        tokens_per_batch: int or None; rows of a shape are this budget over its longer side.
        batch_size: int or None; rows of every shape.
    """

    def __init__(self, source_bounds, target_bounds, tokens_per_batch=None, batch_size=None):
        self.source_bounds = np.asarray(source_bounds, "int32")
        self.target_bounds = np.asarray(target_bounds, "int32")
        longer = np.maximum(self.source_bounds[:, None], self.target_bounds)
        self.rows = (
            np.full_like(longer, batch_size) if batch_size else tokens_per_batch // longer
        ).astype("int64")

    @classmethod
    def fit(cls, lengths, max_length, tokens_per_batch=None, batch_size=None, levels=(6, 3)):
        """Chooses the bounds that waste the least padding on measured lengths.

        Args:
            lengths: int array `(N, 2)` of source and target lengths.
            max_length: int, added as the last bound so that every later pair has a bucket.
            levels: how many source bounds, and how many target bounds for each.
        """
        lengths = np.asarray(lengths)
        source_bounds = best_bounds(lengths[:, 0], levels[0])
        level = np.searchsorted(source_bounds, lengths[:, 0])
        target_bounds = [
            best_bounds(lengths[level == i, 1], levels[1]) for i in range(len(source_bounds))
        ]
        width = max(map(len, target_bounds)) + 1
        table = [[*row, *[max_length] * (width - len(row))] for row in target_bounds]
        if source_bounds[-1] < max_length:
            source_bounds.append(max_length)
            table.append([max_length] * width)
        return cls(source_bounds, table, tokens_per_batch, batch_size)

    def group(self, pairs):
        """A `tf.data` transformation: pairs of id vectors to padded `(B, S)`, `(B, T - 1)`.

        The target is padded one short of its bound: the start or end symbol is the last one.
        """
        source_bounds, target_bounds = map(tf.constant, (self.source_bounds, self.target_bounds))
        rows = tf.constant(self.rows)
        width = self.target_bounds.shape[1]

        def key(source, target):
            level = tf.reduce_sum(tf.cast(source_bounds < tf.size(source), tf.int64))
            bounds = tf.gather(target_bounds, level)
            return level * width + tf.reduce_sum(tf.cast(bounds < tf.size(target) + 1, tf.int64))

        def shape(key):
            level, column = key // width, key % width
            target = tf.gather(tf.gather(target_bounds, level), column)
            size = tf.gather(tf.gather(rows, level), column)
            return tf.gather(source_bounds, level), target - 1, size

        def pad(key, window):
            source, target, size = shape(key)
            batch = window.padded_batch(size, padded_shapes=([source], [target]))
            return batch.map(
                lambda s, t: tuple(
                    tf.pad(x, [[0, tf.cast(size, tf.int32) - tf.shape(x)[0]], [0, 0]])
                    for x in (s, t)
                )
            )

        return pairs.group_by_window(key, pad, window_size_func=lambda key: shape(key)[2])


def best_bounds(lengths, count):
    """The `count` ascending bounds that minimise the total padding, by dynamic programming."""
    values, counts = np.unique(lengths, return_counts=True)
    total = np.concatenate([[0], np.cumsum(counts)])
    # cost[j]: padded tokens of values[:j], the best for the bounds placed so far
    cost = np.full(len(values) + 1, np.inf)
    cost[0], choices = 0, []
    for _ in range(min(count, len(values))):
        new, choice = np.full_like(cost, np.inf), np.zeros(len(cost), int)
        for j in range(1, len(cost)):
            each = cost[:j] + values[j - 1] * (total[j] - total[:j])
            choice[j] = np.argmin(each)
            new[j] = each[choice[j]]
        cost = new
        choices.append(choice)
    bounds, j = [], len(values)
    for choice in reversed(choices):
        bounds.append(int(values[j - 1]))
        j = choice[j]
    return bounds[::-1]
