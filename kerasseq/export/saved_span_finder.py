"""A span finder as a SavedModel: question and context in, the answer out."""

import tensorflow as tf

from kerasseq.export.saved_export import SavedExport, write_saved_model
from kerasseq.text.normalize import normalize_graph
from kerasseq.text.packing import between
from kerasseq.text.units import units_graph
from kerasseq.text.windows import windows_graph


def export_saved_span_finder(finder, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Its one signature, `serving_default`, takes `question` and `context`, both a batch of `B`
    UTF-8 strings, to `answer` `(B,)`, "" for none, and `score` `(B,)`, in nats above no answer.

    Args:
        finder: SpanFinder.
        path: path of a folder that does not exist yet.
    """

    def find(question, context):
        cut = units_graph(normalize_graph(context))
        tokens, counts, starts, owners = windows_graph(
            finder.tokenizer, question, cut, finder.max_length, finder.overlap
        )
        spans = finder.outputs_of_ids(tokens)
        # The best part of each context.
        scores = tf.RaggedTensor.from_row_lengths(spans[:, 2], counts)
        best = tf.argmax(scores.to_tensor(-tf.float32.max), axis=-1) + scores.row_starts()
        score = tf.gather(spans[:, 2], best)
        places = tf.cast(tf.gather(spans[:, :2], best), tf.int64) - tf.gather(starts, best)[:, None]
        # A part without a token has no unit to look up.
        units_of = tf.gather(owners, best)
        answered = units_of.row_lengths() > 0
        if finder.threshold is not None:
            answered &= score >= finder.threshold
        padded = tf.concat([units_of, between([0], units_of)], axis=1).to_tensor()
        places = tf.where(answered[:, None], places, 0)
        first, last = tf.unstack(tf.gather(padded, places, batch_dims=1), axis=1)
        numbers = tf.ragged.range(cut.row_lengths())
        kept = (numbers >= first[:, None]) & (numbers <= last[:, None]) & answered[:, None]
        text = tf.strings.reduce_join(tf.ragged.boolean_mask(cut, kept), axis=-1)
        return {"answer": tf.strings.strip(text), "score": score}

    strings = [tf.TensorSpec((None,), tf.string, name=name) for name in ("question", "context")]
    signatures = {"serving_default": (find, strings)}
    write_saved_model(path, finder.model, [finder.tokenizer], signatures)


class SavedSpanFinder(SavedExport):
    """An exported span finder; called with a list of pairs of str, question and context. See
    `SavedExport`."""

    output = "answer"

    def run(self, inputs):
        question, context = zip(*inputs, strict=True)
        signature = self.signatures["serving_default"]
        return signature(question=tf.constant(question), context=tf.constant(context))
