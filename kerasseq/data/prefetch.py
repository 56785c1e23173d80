"""The end of every pipeline."""

import tensorflow as tf


def prefetch_untuned(batches):
    """Prefetches two batches, and turns tf.data's tuning off.

    Tuning gains nothing on these pipelines, and its thread, which sleeps up to a minute, is
    waited for when an epoch's iterator is closed.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(2).with_options(options)
