"""A text classifier as a SavedModel: text in, labels out."""

import tensorflow as tf

from kerasseq.export.saved_export import SavedExport, write_saved_model
from kerasseq.text.packing import rows_of_texts


def export_saved_classifier(classifier, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its signature `serving_default` takes `text`, a batch of `B` UTF-8 strings, to `label`
    `(B,)` and `score` `(B,)`, see `kerasseq.tasks.label.answer`, and to `labels` and
    `probabilities` `(B, L)`, all of them in the model's order; of a regression the latter are
    the values. The signature `pair` takes `text` and `second`, both `(B,)`. Of an encoder that
    attends, `attention` takes `text` to `tokens` `(B, S)` and `attention` `(B, N, H, S, S)`.

    Args:
        classifier: TextClassifier.
        path: path of a folder that does not exist yet.
    """
    names, words = tf.constant(classifier.labels), tf.constant(classifier.tokenizer.vocabulary)
    encoder = classifier.model.encoder

    def classify(text, second=None):
        tokens = rows_of_texts(classifier.tokenizer, text, classifier.max_length, second)
        probabilities = classifier.outputs_of_ids(tokens)
        label, score = answers_graph(names, probabilities, classifier.kind)
        return {
            "label": label,
            "score": score,
            "labels": tf.repeat(names[None], tf.shape(tokens)[0], axis=0),
            "probabilities": probabilities,
        }

    def attention(text):
        tokens = rows_of_texts(classifier.tokenizer, text, classifier.max_length)
        return {
            "tokens": tf.where(tokens == 0, "", tf.gather(words, tokens)),
            "attention": encoder.attention(tokens),
        }

    strings = [tf.TensorSpec((None,), tf.string, name=name) for name in ("text", "second")]
    signatures = {"serving_default": (classify, strings[:1]), "pair": (classify, strings)}
    if hasattr(encoder, "attention"):
        signatures["attention"] = attention, strings[:1]
    write_saved_model(path, classifier.model, [classifier.tokenizer], signatures)


def answers_graph(names, rows, kind):
    """`kerasseq.tasks.label.answer` for a batch of rows `(B, L)`: labels and scores `(B,)`."""
    if kind == "regression":
        return tf.repeat(names[:1], tf.shape(rows)[0]), rows[:, 0]
    order = tf.argsort(rows, direction="DESCENDING", stable=True)
    ranked = tf.gather(names, order)
    if kind == "single_label":
        return ranked[:, 0], tf.reduce_max(rows, axis=-1)
    likely = tf.gather(rows, order, batch_dims=1) >= 0.5
    kept = tf.ragged.boolean_mask(ranked, likely)
    return tf.strings.reduce_join(kept, axis=-1, separator=", "), tf.reduce_max(rows, axis=-1)


class SavedClassifier(SavedExport):
    """An exported text classifier; called with a list of str or of pairs of str. See
    `SavedExport`."""

    output = "label"

    def run(self, inputs):
        if isinstance(inputs[0], str):
            return self.signatures["serving_default"](text=tf.constant(inputs))
        first, second = zip(*inputs, strict=True)
        return self.signatures["pair"](text=tf.constant(first), second=tf.constant(second))
