"""Running an exported span finder without TensorFlow."""

from kerasseq.export.lite_labelling import LiteLabelling
from kerasseq.tasks.answer import read_answer
from kerasseq.text.checks import check_lines, check_pair
from kerasseq.text.normalize import normalize
from kerasseq.text.units import units
from kerasseq.text.windows import windows


class LiteSpanFinder(LiteLabelling):
    """A `.tflite` span finder; see `LiteLabelling`.

    Call arguments:
        pairs: list of pairs of str, question and context.

    Returns:
        list of answers, "" for none, and list of their scores.
    """

    task = "span_finder"

    def answer(self, question, context):
        """The Answer to one question."""
        cut = units(normalize(context))
        lengths = self.metadata["max_length"], self.metadata["overlap"]
        rows = windows(self.tokenizer, question, cut, *lengths)
        spans = [self.outputs_of_ids(row.ids) for row in rows]
        return read_answer(cut, rows, spans, self.metadata["threshold"])

    def __call__(self, pairs):
        check_lines(pairs, pairs=True)
        pairs = list(pairs)
        for pair in pairs:
            check_pair(pair)
        found = [self.answer(*pair) for pair in pairs]
        return [each.text for each in found], [each.score for each in found]
