"""The best epoch of a run, by a score of validation text."""

import keras


class BestQuality(keras.callbacks.Callback):
    """Sets the weights of the best epoch when training ends; stops when the score rises no more.

    Of epochs with one score the last is the best: where none rises, as BLEU of single words,
    training was not in vain. Place it after the callback that measures the score; an epoch before
    the first measurement counts for nothing.

    Args:
        monitor: str, the score's name in the logs; more is better.
        patience: int, epochs without a better score after which training stops; None to train
            all.

    Attributes:
        best: float, the best score.
        best_epoch: int, from 0.

    Raises:
        ValueError: for a patience below 1.
    """

    def __init__(self, monitor="val_bleu", patience=None):
        super().__init__()
        if patience is not None and patience < 1:
            raise ValueError(
                f"Expected patience of at least 1 epoch; received {patience}. Raise it, or leave "
                "it out to train all epochs."
            )
        self.monitor = monitor
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.best, self.best_epoch, self.weights, self.waited = float("-inf"), None, None, 0

    def on_epoch_end(self, epoch, logs=None):
        score = (logs or {}).get(self.monitor)
        if score is None:
            return
        self.waited = 0 if score > self.best else self.waited + 1
        if score >= self.best:
            self.best, self.best_epoch, self.weights = score, epoch, self.model.get_weights()
        if self.patience is not None and self.waited >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.weights is not None:
            self.model.set_weights(self.weights)
            self.weights = None
