"""Which source word a target position looks at."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

if typing.TYPE_CHECKING:
    import tensorflow as tf
    from numpy.typing import ArrayLike


def aligned_words(words: Sequence[str], attention: ArrayLike) -> list[str]:
    """The source word with the most attention, for every target position.

    Luong et al. 2015 (section 4.2, after Jean et al. 2015) write it for an unknown token.

    Args:
        words: list of str `(S)`, without the end symbol.
        attention: float array `(T, ≥ S)`.

    Returns:
        list of str `(T)`, empty when there is no word.
    """
    if not words:
        return []
    return [words[i] for i in np.argmax(np.asarray(attention)[:, : len(words)], axis=-1)]


def aligned_words_graph(words: tf.RaggedTensor, attention: tf.Tensor) -> tf.Tensor:
    """The same in a TensorFlow graph.

    Args:
        words: ragged strings `(B, None)`.
        attention: float tensor `(B, N, T, S)`.

    Returns:
        strings `(B, N, T)`, "" for a row without a word.
    """
    import tensorflow as tf

    shape = tf.shape(attention)
    padded = words.to_tensor("", shape=(None, None))
    padded = tf.pad(padded, [[0, 0], [0, shape[3] - tf.shape(padded)[1]]])
    real = tf.sequence_mask(words.row_lengths(), shape[3])
    places = tf.argmax(tf.where(real[:, None, None], attention, -1.0), axis=-1)
    return tf.gather(padded, places, batch_dims=1)
