"""The bias of the output layer, set to the frequencies of the target tokens."""

import numpy as np
from keras import ops


def initialize_output_bias(model, batches):
    """Sets the output layer's bias to the log frequencies of the target tokens.

    Call it once, before `fit`. The first steps of a new model learn which tokens are frequent.
    With a tanh before the output layer (`AttentionSeq2Seq`), learning the frequencies can
    saturate the tanh, and at a high learning rate the model may predict only frequencies for an
    epoch or more. Setting the bias avoids this. Lin et al. 2017, section 3.3, initialise a
    classifier of rare classes in this way.

    Args:
        model: a sequence-to-sequence model whose output layer has a bias, or a
            `MaskedLanguageModel`.
        batches: iterable of `(inputs, ids, weights)`, ids int `(B, T)`, from the `batches` of
            `ParallelText`, `CaptionedImages` or `MaskedText`. A token that does not occur counts as
            half a token.

    Raises:
        ValueError: for a model without such a bias, such as an `Ensemble`; for batches without a
            real token.
    """
    bias = getattr(model, "output_bias", None)
    if bias is None:
        raise ValueError(
            "Expected a model whose output layer has a bias; received "
            f"{type(model).__name__} without one. Build it with tie_embeddings=False, a "
            "Transformer with output_bias=True, or leave out initialize_output_bias."
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
