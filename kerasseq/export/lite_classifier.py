"""Running an exported text classifier without TensorFlow."""

from kerasseq.export.lite_labelling import LiteLabelling
from kerasseq.tasks.label import answer
from kerasseq.text.checks import check_lines
from kerasseq.text.packing import row_of_text


class LiteClassifier(LiteLabelling):
    """A `.tflite` classifier; see `LiteLabelling`.

    Call arguments:
        texts: list of str, or of pairs of str; one longer than the file reads is cut.

    Returns:
        list of str and list of float: of "single_label" the likeliest label and its probability;
        of "multi_label" all of at least one half, joined with ", ", and the highest
        probability; of "regression" the label's name and the value.
    """

    task = "classifier"

    def probabilities(self, text):
        """float32 array `(L,)`, in the order of `metadata["labels"]`."""
        return self.outputs_of_ids(row_of_text(self.tokenizer, text, self.metadata["max_length"]))

    def __call__(self, texts):
        check_lines(texts, pairs=True)
        labels, kind = self.metadata["labels"], self.metadata["kind"]
        found = [answer(labels, self.probabilities(text), kind) for text in texts]
        return [each.text for each in found], [each.score for each in found]
