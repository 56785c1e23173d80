"""BLEU and chrF of real translations while training."""

import math

import keras

from kerasseq.metrics.corpus_scores import check_tokenize, corpus_scores


class TranslationMetrics(keras.callbacks.Callback):
    """Translates validation text after an epoch and logs `val_bleu` and `val_chrf`.

    Args:
        translate: function from a list of source strings to a list of translations, for
            instance a `kerasseq.Translator` of the model in training.
        pairs: iterable of `(source, reference)` strings.
        every: int, epochs between two measurements.
        tokenize: sacreBLEU's tokenizer; "none" for text that is tokenised already.
        lowercase: bool, compare without case.

    An epoch without a measurement repeats the last one, so that the history has one value
    an epoch and other callbacks can monitor it; before the first it is NaN.

    Attributes:
        measured: dict of `bleu` and `chrf`, the last measurement. A run that goes on sets it.

    Raises:
        ValueError: for a tokenizer that sacreBLEU does not have.
    """

    def __init__(self, translate, pairs, every=1, tokenize="13a", lowercase=False):
        super().__init__()
        check_tokenize(tokenize)
        self.translate = translate
        self.sources, self.references = map(list, zip(*pairs, strict=True))
        self.every = every
        self.options = {"tokenize": tokenize, "lowercase": lowercase}
        self.measured = {"bleu": math.nan, "chrf": math.nan}

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0:
            hypotheses = self.translate(self.sources)
            self.measured = corpus_scores(hypotheses, self.references, **self.options)
        logs["val_bleu"] = self.measured["bleu"]
        logs["val_chrf"] = self.measured["chrf"]
