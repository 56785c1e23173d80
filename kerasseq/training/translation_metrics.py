"""BLEU, chrF and exact matches of real translations while training."""

import keras

from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.metrics.corpus_scores import corpus_scores
from kerasseq.text.checks import check_pairs


class TranslationMetrics(keras.callbacks.Callback):
    """Translates validation text after an epoch; logs `val_bleu`, `val_chrf`, `val_exact_match`.

    An epoch without a measurement repeats the last one; before the first the logs have none of
    the three. So callbacks that monitor one, placed after this, see no value that was not
    measured.

    Args:
        translate: function from a list of source strings to a list of translations, for
            instance a `kerasseq.Translator` of the model in training.
        pairs: iterable of `(source, reference)` strings.
        every: int, epochs between two measurements.
        tokenize: sacreBLEU's tokenizer; "none" for text that is tokenised already. A warning
            says where it does not fit the references.
        lowercase: bool, compare without case.

    Attributes:
        measured: dict of `bleu` and `chrf` (0 to 100) and `exact_match` (0 to 1), the last
            measurement; empty before the first. A run that goes on sets it.

        answers: list of str, the translations of the last measurement.

    Raises:
        ValueError: for a tokenizer that sacreBLEU does not have or that cannot run here; for
            `every` below 1.
    """

    NAMES = ("bleu", "chrf", "exact_match")
    not_resumed = ("answers",)

    def __init__(self, translate, pairs, every=1, tokenize="13a", lowercase=False):
        super().__init__()
        check_tokenize(tokenize)
        if every < 1:
            raise ValueError(
                f"Expected every of at least 1 epoch; received {every}. Raise it, or leave out "
                "the callback."
            )
        self.translate = translate
        self.sources, self.references = map(list, zip(*check_pairs(pairs), strict=True))
        writes = getattr(getattr(translate, "target", None), "lowercase", False)
        warn_of_references(self.references, tokenize, lowercase, writes)
        self.every = every
        self.options = {"tokenize": tokenize, "lowercase": lowercase}
        self.measured = {}
        self.answers = []

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0:
            self.answers = list(self.translate(self.sources))
            scores = corpus_scores(self.answers, self.references, **self.options)
            self.measured = {name: scores[name] for name in self.NAMES}
        logs.update({f"val_{name}": value for name, value in self.measured.items()})
