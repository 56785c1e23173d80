"""Running an exported text classifier without TensorFlow."""

from kerasseq.export.lite_labelling import LiteLabelling
from kerasseq.tasks.label import answer
from kerasseq.text.packing import row_of_text


class LiteClassifier(LiteLabelling):
    """A `.tflite` classifier; see `LiteLabelling`.

    Call arguments:
        texts: list of str, or of pairs of str; one longer than the file reads is cut.

    Returns:
        list of labels and list of float probabilities; see `kerasseq.tasks.label.answer`.
    """

    def probabilities(self, text):
        """float32 array `(L,)`, in the order of `metadata["labels"]`."""
        return self.outputs_of_ids(row_of_text(self.tokenizer, text, self.metadata["max_length"]))

    def __call__(self, texts):
        labels, kind = self.metadata["labels"], self.metadata["kind"]
        found = [answer(labels, self.probabilities(text), kind) for text in texts]
        return [each.text for each in found], [each.score for each in found]
