"""The last step of every pipeline: batches are prepared ahead of the model."""

from __future__ import annotations

import typing

from kerasseq.lazily import tf

Batches: typing.TypeAlias = "tf.data.Dataset[typing.Any]"


def prefetch(batches: tf.data.Dataset[typing.Any]) -> Batches:
    """Prefetches two batches and turns tf.data's autotuning off.

    Autotuning does not make these pipelines faster, and its thread sleeps for up to a minute,
    for which the end of an epoch would wait.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(2).with_options(options)
