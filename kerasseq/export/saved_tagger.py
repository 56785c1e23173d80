"""A token classifier as a SavedModel: words in, tags out."""

import tensorflow as tf

from kerasseq.export.saved_export import SavedExport, new_archive, write_archive
from kerasseq.text.vocabulary import UNK_ID


def export_saved_tagger(tagger, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its one signature, `serving_default`, takes `text`, a batch of `B` UTF-8 strings of words
    joined with spaces, to `words`, `tags` (both `(B, S)`, padded with "") and `scores`
    `(B, S)`, the probability of each tag.

    Args:
        tagger: TokenClassifier.
        path: path of a folder that does not exist yet.

    Raises:
        ValueError: when the folder exists.
    """
    archive = new_archive(path, tagger.model, [tagger.tokenizer])
    names = tf.constant(tagger.labels)

    def tag(texts):
        words = tf.strings.split(texts)
        read = words[:, : tagger.max_length]
        pieces = tagger.tokenizer.tokenize(read.values)
        # A word that is cut into several tokens is the unknown one, as in Python.
        single = tf.where(
            pieces.row_lengths() == 1, pieces[:, :1].to_tensor(shape=(None, 1))[:, 0], UNK_ID
        )
        tokens = read.with_values(single).to_tensor()
        probabilities = tagger.probabilities_of_ids(tokens)
        real = tokens != 0
        best = tf.gather(names, tf.argmax(probabilities, axis=-1))
        # The rest of a sentence that is too long is tagged "O".
        width = words.bounding_shape()[1] - tf.cast(tf.shape(tokens)[1], tf.int64)
        rest = [[0, 0], [0, width]]
        tags = tf.pad(tf.where(real, best, ""), rest, constant_values="")
        padded = words.to_tensor()
        return {
            "words": padded,
            "tags": tf.where((padded != "") & (tags == ""), "O", tags),
            "scores": tf.pad(tf.reduce_max(probabilities, -1) * tf.cast(real, tf.float32), rest),
        }

    archive.add_endpoint("serving_default", tag, [tf.TensorSpec((None,), tf.string, name="text")])
    write_archive(archive, path)


class SavedTagger(SavedExport):
    """An exported tagger; called with a list of str, words joined with spaces. Its answers
    are tags joined with spaces, and their mean probability."""

    input = "text"

    def answers(self, found):
        for tags, row in zip(found["tags"], found["scores"], strict=True):
            sure = row[row > 0]
            text = " ".join(tag.decode("utf-8") for tag in tags if tag)
            yield text, sure.mean() if len(sure) else 0.0
