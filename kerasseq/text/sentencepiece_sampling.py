"""Other cuts of the same text, drawn by chance: BPE-dropout and subword regularisation.

tensorflow-text's operation draws too, from a generator that no seed reaches. SentencePiece's own
library gives every thread a generator, which begins at the seed that was set last; so each draw
here has a thread of its own.
"""

from __future__ import annotations

import threading
import typing
from collections.abc import Sequence

import sentencepiece

from kerasseq.text.checks import is_number
from kerasseq.text.piece_messages import piece_messages

if typing.TYPE_CHECKING:
    import tensorflow as tf

SEEDS = 2**32 - 1  # the last one stands for "no seed" in SentencePiece
_SEED = threading.Lock()  # the seed is the process's


def check_sampling(model_type: str, alpha: float | None, nbest: int) -> None:
    """Refuses what a model of this type cannot draw by; None is not to draw.

    Raises:
        ValueError: for another model type, an `alpha` that is not above 0, of "bpe" above 1, an
            `nbest` without it or of another model than "unigram", or one that is 1 or below 0.
    """
    if alpha is None:
        if nbest:
            raise ValueError(
                f"Expected a sampling_alpha with sampling_nbest={nbest}; received none. Give both, "
                "or neither."
            )
        return
    if model_type not in ("bpe", "unigram"):
        raise ValueError(
            f"Expected a model of type bpe or unigram to sample from; received {model_type}. Leave "
            "sampling_alpha out."
        )
    if not is_number(alpha) or alpha <= 0:
        raise ValueError(
            f"Expected a sampling_alpha above 0; received {alpha!r}. Leave it out not to sample."
        )
    if model_type == "bpe" and (alpha > 1 or nbest):
        raise ValueError(
            "Expected a sampling_alpha of at most 1, the share of merges that are left out, and no "
            f"sampling_nbest with model_type bpe; received {alpha} and {nbest}. Lower the one, "
            "leave out the other."
        )
    if type(nbest) is not int or nbest == 1 or nbest < 0:
        raise ValueError(
            f"Expected a sampling_nbest of at least 2, or 0 for every cut; received {nbest!r}. "
            "Change it."
        )


def type_of_model(model: bytes) -> str:
    """The type of a SentencePiece model: "bpe", "unigram", "word" or "char"."""
    messages = piece_messages()
    proto = messages.ModelProto()
    proto.ParseFromString(model)
    names = messages.TrainerSpec.ModelType
    return names.Name(proto.trainer_spec.model_type).lower()


def sample(
    processor: sentencepiece.SentencePieceProcessor,
    texts: Sequence[str],
    alpha: float,
    nbest: int,
    seed: int,
) -> list[list[int]]:
    """Cuts texts by chance; the same texts and seed give the same cuts within a process.

    Args:
        processor: sentencepiece.SentencePieceProcessor.
        texts: list of str, cleaned.
        alpha: float.
        nbest: int, 0 for every cut.
        seed: int.

    Returns:
        a list of int for each text.
    """
    options = {"enable_sampling": True, "alpha": alpha, "nbest_size": nbest or -1}
    with _SEED:
        sentencepiece.set_random_generator_seed(seed % SEEDS)
        # For a list a thread is made, even for one.
        return processor.encode(list(texts), num_threads=1, **options)


def sample_graph(
    draw: typing.Callable[[list[bytes], int], list[list[int]]], texts: tf.Tensor, seed: tf.Tensor
) -> tf.RaggedTensor:
    """A function of texts and a seed inside a `tf.data` pipeline, where it runs in Python.

    Args:
        draw: function from a list of bytes and an int to a list of lists of int.
        texts: strings `(B,)`.
        seed: int64 scalar.

    Returns:
        int32 ragged tensor `(B, None)`.
    """
    import numpy as np
    import tensorflow as tf

    def run(texts, seed):
        rows = draw(texts.tolist(), int(seed))
        lengths = np.array([len(row) for row in rows], "int64")
        return np.array([index for row in rows for index in row], "int32"), lengths

    ids, lengths = tf.numpy_function(run, [texts, seed], (tf.int32, tf.int64))
    return tf.RaggedTensor.from_row_lengths(
        tf.ensure_shape(ids, (None,)), tf.ensure_shape(lengths, (None,)), validate=False
    )
