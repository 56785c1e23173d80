"""An output layer that begins with the frequencies of the target tokens."""

import numpy as np
from keras import ops


def initialize_output_bias(model, batches):
    """Sets the output layer's bias to the log frequencies of the target tokens.

    Call it once, before `fit`. A new model's first steps learn which tokens are frequent. Where
    a tanh is read out (`AttentionSeq2Seq`), Adam pushes it into saturation on the way, and a
    training at a high rate may stay with the frequencies for an epoch or more; with them given
    there is no such pull. (Lin et al. 2017, section 3.3, start a classifier of rare
    classes so.)

    Args:
        model: a sequence-to-sequence model whose output layer has a bias, or a
            `MaskedLanguageModel`.
        batches: iterable of `(inputs, ids, weights)`, ids int `(B, T)`, from the `batches` of
            `ParallelText`, `CaptionedImages` or `MaskedText`. A token that never comes counts as
            half a token.

    Raises:
        ValueError: for a model with tied embeddings or an `Ensemble`: they have no such bias;
            for batches without a real token.
    """
    bias = getattr(model, "output_bias", None)
    if bias is None:
        raise ValueError(
            "Expected a model with an output layer of its own; received "
            f"{type(model).__name__} without one. Build it with tie_embeddings=False, or leave "
            "out initialize_output_bias."
        )
    counts = np.zeros(bias.shape[0])
    for _, ids, weights in batches:
        real = ops.convert_to_numpy(weights) > 0
        counts += np.bincount(ops.convert_to_numpy(ids)[real], minlength=len(counts))
    if not counts.any():
        raise ValueError(
            "Expected batches with target tokens; received none. Give the training text's batches."
        )
    counts = np.maximum(counts, 0.5)
    bias.assign(np.log(counts / counts.sum()))
