"""A token classifier as a SavedModel: words in, tags out."""

import tensorflow as tf

from kerasseq.export.saved_export import SavedExport, write_saved_model
from kerasseq.text.packing import rows_of_words
from kerasseq.text.words import split_words_graph


def export_saved_tagger(tagger, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its one signature, `serving_default`, takes `text`, a batch of `B` UTF-8 strings, cut
    into words at white space, to `words`, `tags` (both `(B, S)`, padded with "") and `scores`
    `(B, S)`, the probability of each tag.

    Args:
        tagger: TokenClassifier.
        path: path of a folder that does not exist yet.
    """
    names = tf.constant(tagger.labels)

    def tag(texts):
        words = split_words_graph(texts)
        tokens, places = rows_of_words(tagger.tokenizer, words, tagger.max_length)
        probabilities = tagger.outputs_of_ids(tokens)
        # A row of tokens to a row of words, those that were read.
        of_words = tf.gather(probabilities, places, batch_dims=1)
        best = of_words.with_values(tf.gather(names, tf.argmax(of_words.values, axis=-1)))
        scores = of_words.with_values(tf.reduce_max(of_words.values, axis=-1))
        padded = words.to_tensor()
        shape = tf.shape(padded, tf.int64)
        tags = best.to_tensor("", shape=shape)
        return {
            "words": padded,
            # The rest of a sentence that is too long is tagged "O".
            "tags": tf.where((padded != "") & (tags == ""), "O", tags),
            "scores": scores.to_tensor(0.0, shape=shape),
        }

    signatures = {"serving_default": (tag, [tf.TensorSpec((None,), tf.string, name="text")])}
    write_saved_model(path, tagger.model, [tagger.tokenizer], signatures)


class SavedTagger(SavedExport):
    """An exported tagger; called with a list of str, sentences. Its answers are tags joined
    with spaces, and their mean probability."""

    input = "text"

    def answers(self, found):
        for tags, row in zip(found["tags"], found["scores"], strict=True):
            sure = row[row > 0]
            text = " ".join(tag.decode("utf-8") for tag in tags if tag)
            yield text, sure.mean() if len(sure) else 0.0
