"""The loss of a batch that is a part of an optimizer's step."""

import keras
from keras import ops

from kerasseq.training.sequence_crossentropy import SequenceCrossentropy


@keras.saving.register_keras_serializable("kerasseq")
class AccumulatedCrossentropy(SequenceCrossentropy):
    """`SequenceCrossentropy`, times the weight that the real tokens of the batch have.

    The weights of `kerasseq.data.accumulated_batches` make the mean over the batches of a step
    the mean over all of their tokens. With weights of 1 it is the same as there. Arguments as
    there.
    """

    def __call__(self, y_true, y_pred, sample_weight=None):
        # The mean over the batch's tokens, in which their weight cancels out.
        return _of_step(super().__call__(y_true, y_pred, sample_weight), sample_weight)

    def divergence(self, first, second, sample_weight=None):
        """As of `SequenceCrossentropy`, times the weight of the batch."""
        return _of_step(super().divergence(first, second, sample_weight), sample_weight)


def _of_step(mean, sample_weight):
    return mean if sample_weight is None else mean * ops.max(sample_weight)
