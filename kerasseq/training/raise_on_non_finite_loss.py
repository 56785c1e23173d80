"""An error that stops a run when its loss is NaN or infinite."""

import math

import keras


class RaiseOnNonFiniteLoss(keras.callbacks.Callback):
    """Raises as soon as a batch's loss is NaN or infinite, before a checkpoint is written.

    Raises:
        FloatingPointError: with the epoch, the batch, and the usual remedies.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"Expected a finite loss; received {loss} in epoch {self.epoch + 1}, batch "
                f"{batch + 1}. Lower the learning rate, lengthen the warm-up, or clip gradients; "
                "the last epoch's checkpoint is untouched."
            )
