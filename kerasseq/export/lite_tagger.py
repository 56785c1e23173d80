"""Running an exported token classifier without TensorFlow."""

from kerasseq.export.lite_labelling import LiteLabelling
from kerasseq.text.checks import check_line, check_lines
from kerasseq.text.packing import row_of_words
from kerasseq.text.words import split_words


class LiteTagger(LiteLabelling):
    """A `.tflite` tagger; see `LiteLabelling`.

    Call arguments:
        lines: list of str, cut into words at white space; words past the file's length are "O".

    Returns:
        list of tags joined with spaces, and list of their mean probabilities.
    """

    task = "tagger"

    def probabilities(self, words):
        """float32 array `(words, L)` of the words that were read, in the order of the labels."""
        ids, places = row_of_words(self.tokenizer, words, self.metadata["max_length"])
        return self.outputs_of_ids(ids)[places]

    def __call__(self, lines):
        check_lines(lines)
        texts, scores = [], []
        for line in lines:
            check_line(line)
            words = split_words(line)
            rows = self.probabilities(words)
            tags = [self.metadata["labels"][n] for n in rows.argmax(axis=-1)]
            texts.append(" ".join(tags + ["O"] * (len(words) - len(tags))))
            scores.append(float(rows.max(axis=-1).mean()) if len(rows) else 0.0)
        return texts, scores
