"""Calling an exported SavedModel from Python."""

import itertools

import tensorflow as tf

from kerasseq.processing import find_processor

BATCH = 64


class SavedTask:
    """An exported SavedModel.

    Args:
        path: path of the folder.
        kind: subclass of Processor, that of the task that was exported.

    Call arguments:
        inputs: one input, or a list of inputs, as the task takes them.

    Returns:
        the text that is answered, or the values of a forecaster; a list for a list.
    """

    name = None

    def __init__(self, path, kind=None):
        import tensorflow_text  # noqa: F401  registers the SentencePiece operations

        self.kind = kind or find_processor(self.name)
        self.loaded = tf.saved_model.load(str(path))
        self.signatures = self.loaded.signatures

    def __call__(self, inputs):
        one = self.kind.is_one(inputs)
        said = [each[0] for each in self.summaries([inputs] if one else inputs)]
        return said[0] if one else said

    def summaries(self, inputs):
        """Yields, in order, what is answered to each of an iterable of inputs: pairs of text and
        score, of a task that answers arrays, of these and None."""
        inputs = iter(inputs)
        while batch := list(itertools.islice(inputs, BATCH)):
            name, columns = self.kind.served_inputs(batch)
            given = {key: tf.constant(column) for key, column in columns.items()}
            found = self.signatures[name](**given)
            yield from self.kind.served({key: value.numpy() for key, value in found.items()})


class SavedTranslator(SavedTask):
    """An exported translator; called with str."""

    name = "translator"


class SavedCaptioner(SavedTask):
    """An exported captioner; called with bytes of image files, or their paths."""

    name = "captioner"


class SavedClassifier(SavedTask):
    """An exported text classifier; called with str or pairs of str, all of a list alike."""

    name = "classifier"


class SavedTagger(SavedTask):
    """An exported tagger; called with str, sentences. It answers tags joined with spaces."""

    name = "tagger"


class SavedQuestionAnswerer(SavedTask):
    """An exported question answerer; called with pairs of str, question and context."""

    name = "span_finder"


class SavedForecaster(SavedTask):
    """An exported forecaster; called with pairs of a series and its last values."""

    name = "forecaster"


class SavedTextEncoder(SavedTask):
    """An exported text encoder; called with str."""

    name = "text_encoder"
