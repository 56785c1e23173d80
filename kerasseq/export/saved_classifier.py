"""A text classifier as a SavedModel: text in, labels out."""

import tensorflow as tf

from kerasseq.export.saved_export import SavedExport, new_archive, write_archive
from kerasseq.text.vocabulary import UNK_ID


def export_saved_classifier(classifier, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its one signature, `serving_default`, takes `text`, a batch of `B` UTF-8 strings, to
    `label` `(B,)`, `score` `(B,)`, the likeliest label and its probability, and to `labels`
    and `probabilities` `(B, L)`, all of them in the model's order.

    Args:
        classifier: TextClassifier.
        path: path of a folder that does not exist yet.

    Raises:
        ValueError: when the folder exists.
    """
    archive = new_archive(path, classifier.model, [classifier.tokenizer])
    names = tf.constant(classifier.labels)

    def classify(texts):
        ids = classifier.tokenizer.tokenize(texts)[:, : classifier.max_length]
        # A text without a token is one unknown token.
        empty = tf.cast(ids.row_lengths() == 0, tf.int64)
        filler = tf.RaggedTensor.from_row_lengths(tf.fill((tf.reduce_sum(empty),), UNK_ID), empty)
        tokens = tf.concat([ids, filler], axis=1).to_tensor()
        probabilities = classifier.probabilities_of_ids(tokens)
        best = tf.argmax(probabilities, axis=-1)
        return {
            "label": tf.gather(names, best),
            "score": tf.reduce_max(probabilities, axis=-1),
            "labels": tf.repeat(names[None], tf.shape(tokens)[0], axis=0),
            "probabilities": probabilities,
        }

    archive.add_endpoint(
        "serving_default", classify, [tf.TensorSpec((None,), tf.string, name="text")]
    )
    write_archive(archive, path)


class SavedClassifier(SavedExport):
    """An exported text classifier; called with a list of str. See `SavedExport`."""

    input, output = "text", "label"
