"""Sentences of words, each word with a tag."""

import numpy as np
import tensorflow as tf

from kerasseq.data.length_buckets import bucket_by_length
from kerasseq.data.lines import read_text_lines
from kerasseq.data.prefetch import prefetch
from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import normalize


class TaggedText:
    """Sentences as lists of words and lists of tags, in memory.

    Args:
        sentences: list of lists of str.
        tags: list of lists of str, as long each.

    Raises:
        ValueError: without a sentence, for one that is not cut into words, or when tags and words
            differ in number.
    """

    def __init__(self, sentences, tags):
        sentences, tags = map(_rows, (sentences, tags))
        self.sentences = [[normalize(word) for word in words] for words in sentences]
        self.tags = [list(row) for row in tags]
        pairs = zip(self.sentences, self.tags, strict=False)
        wrong = [i for i, (words, row) in enumerate(pairs) if len(words) != len(row)]
        if len(self.sentences) != len(self.tags) or not self.sentences or wrong:
            raise ValueError(
                "Expected a tag for each word of at least one sentence; received "
                f"{len(self.sentences)} sentences and {len(self.tags)} rows of tags"
                + (f", unequal in sentence {wrong[0] + 1}" if wrong else "")
                + ". Align them."
            )

    @classmethod
    def from_conll(cls, path, word_column=0, tag_column=-1):
        """A CoNLL file, plain or `.gz`: a word a line, columns cut at white space, an empty
        line after each sentence.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a line with too few columns, or an empty file.
        """
        places = word_column, tag_column
        wanted = max(2, *(place + 1 if place >= 0 else -place for place in places))
        sentences, tags = [[]], [[]]
        for number, line in enumerate(read_text_lines(path), 1):
            columns = line.split()
            if 0 < len(columns) < wanted:
                raise ValueError(
                    f"Expected at least {wanted} columns, a word and its tag among them, in line "
                    f"{number} of {path}; received {line!r:.60}. Mend the line, or name other "
                    "columns."
                )
            if columns:
                sentences[-1].append(columns[word_column])
                tags[-1].append(columns[tag_column])
            elif sentences[-1]:
                sentences.append([])
                tags.append([])
        kept = [i for i, words in enumerate(sentences) if words]
        return cls([sentences[i] for i in kept], [tags[i] for i in kept])

    def __len__(self):
        return len(self.sentences)

    def __iter__(self):
        return zip(self.sentences, self.tags, strict=True)

    def words(self):
        """Iterates over the sentences as str, words joined with a space."""
        return (" ".join(words) for words in self.sentences)

    def tag_names(self):
        """The tags that occur, sorted, "O" first: a list of str."""
        return sorted({tag for row in self.tags for tag in row}, key=lambda tag: (tag != "O", tag))

    def batches(self, encode, tag_names, batch_size, shuffle=False, seed=0):
        """Padded batches for `model.fit`.

        Args:
            encode: function from a list of words to a row of ids and the places in it of the
                words' first tokens, `TokenClassifier.ids`.
            tag_names: list of `L` str, the tag of each number.
            batch_size: int.
            shuffle: bool, another order every epoch.
            seed: int, of the order.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `tokens` int32
            `(B, S)`, padded with 0; `y` int32 `(B, S)`, numbers of tags; `sample_weight`
            float32 `(B, S)`, 1 at the first token of a word.

        Raises:
            ValueError: for a tag without a number.
        """
        numbers = {name: number for number, name in enumerate(tag_names)}
        unknown = next((tag for row in self.tags for tag in row if tag not in numbers), None)
        if unknown is not None:
            raise ValueError(
                f"Expected tags of {', '.join(tag_names)}; received {unknown!r}. Add it to the "
                "list."
            )
        ids, targets, weights = [], [], []
        for words, tags in self:
            row, places = encode(words)
            target, weight = np.zeros(len(row), "int32"), np.zeros(len(row), "float32")
            target[places] = [numbers[tag] for tag in tags[: len(places)]]
            weight[places] = 1.0
            ids.append(row)
            targets.append(target)
            weights.append(weight)
        data = tf.data.Dataset.from_tensor_slices(
            (
                tf.ragged.constant(ids, tf.int32),
                tf.ragged.constant(targets, tf.int32),
                tf.ragged.constant(weights, tf.float32),
            )
        )
        if shuffle:
            data = data.shuffle(len(self), seed=seed)
        data = bucket_by_length(
            data,
            [len(row) for row in ids],
            lambda tokens, tags, weights: tf.size(tokens),
            batch_size,
            ((None,), (None,), (None,)),
        )
        return prefetch(data.map(lambda tokens, tags, weights: ({"tokens": tokens}, tags, weights)))


def _rows(given):
    """Lists of words, or of tags, as a list; refuses a sentence that is not cut."""
    check_lines(given)
    rows = list(given)
    for row in rows:
        check_lines(row)
    return rows
