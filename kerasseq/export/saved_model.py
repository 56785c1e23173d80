"""A SavedModel with tokenizers and search inside: text in, text out."""

import tensorflow as tf

from kerasseq.export.saved_export import SavedExport, write_saved_model
from kerasseq.text.aligned_words import aligned_words_graph
from kerasseq.text.vocabulary import END_ID, START_ID


def export_saved_model(translator, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Signatures, with a batch `B` of UTF-8 strings:

    - `serving_default`: `text` `(B,)` to `translation` `(B,)` and `score` `(B,)`;
    - `n_best`: `text` to `translations` and `scores` `(B, N)`, every hypothesis of the beam;
    - `attention`: `text` to `translation`, `tokens` `(B, T)`, `source_tokens` `(B, S)` and
      `attention` `(B, T, S)`, of a model that attends;
    - `score`: `source` and `target` `(B,)` to `score` `(B,)`, the log-probability of the first
      `max_length` tokens of a target, the end symbol counted.

    Args:
        translator: Translator.
        path: path of a folder that does not exist yet, `…/model_name/1` for TF Serving.
    """
    source, target = translator.source, translator.target
    source_words, target_words = tf.constant(source.vocabulary), tf.constant(target.vocabulary)
    text = tf.TensorSpec((None,), tf.string, name="text")

    def source_ids(texts):
        ids = source.tokenize(texts)[:, : translator.max_source_length - 1]
        end = tf.fill((ids.nrows(), 1), END_ID)
        return tf.concat([ids, tf.RaggedTensor.from_tensor(end)], axis=1).to_tensor()

    def decode(texts, search):
        ids = source_ids(texts)
        if translator.replace_unknown:
            search = search.changed(return_attention=True)
        decoded = translator.decode_ids(ids, search)
        count = tf.shape(decoded.tokens)[1]
        flat = tf.reshape(decoded.tokens, (-1, translator.max_length))
        unknown = None
        if translator.replace_unknown:
            words = source.words(texts)[:, : translator.max_source_length - 1]
            unknown = aligned_words_graph(words, decoded.attention)
            unknown = tf.reshape(unknown, (-1, translator.max_length))
        found = tf.reshape(target.detokenize(flat, unknown), (-1, count))
        # A line without a token has no translation.
        return ids, decoded, tf.where(ids[:, :1] == END_ID, "", found)

    def translate(texts):
        _, decoded, found = decode(texts, translator.search)
        return {"translation": found[:, 0], "score": decoded.scores[:, 0]}

    def n_best(texts):
        _, decoded, found = decode(texts, all_best(translator.search))
        return {"translations": found, "scores": decoded.scores}

    def attention(texts):
        search = translator.search.changed(return_attention=True)
        ids, decoded, found = decode(texts, search)
        longest = tf.reduce_max(decoded.lengths[:, 0])
        tokens = decoded.tokens[:, 0, :longest]
        return {
            "translation": found[:, 0],
            "tokens": tf.where(tokens == 0, "", tf.gather(target_words, tokens)),
            "source_tokens": tf.where(ids == 0, "", tf.gather(source_words, ids)),
            "attention": decoded.attention[:, 0, :longest],
        }

    def score(sources, targets):
        ids = target.tokenize(targets)
        end, start = tf.fill((ids.nrows(), 1), END_ID), tf.fill((ids.nrows(), 1), START_ID)
        given = tf.concat([tf.RaggedTensor.from_tensor(start), ids], axis=1)
        following = tf.concat([ids, tf.RaggedTensor.from_tensor(end)], axis=1)
        cut = [rows[:, : translator.max_length].to_tensor() for rows in (given, following)]
        return {"score": translator.model.score(source_ids(sources), *cut)}

    pair = [tf.TensorSpec((None,), tf.string, name=name) for name in ("source", "target")]
    signatures = {
        "serving_default": (translate, [text]),
        "n_best": (n_best, [text]),
        "score": (score, pair),
    }
    if translator.model.attends:
        signatures["attention"] = attention, [text]
    write_saved_model(path, translator.model, [source, target], signatures)


def all_best(search):
    """The search with every hypothesis of its beam returned."""
    return search.changed(n_best=search.beam_size) if hasattr(search, "beam_size") else search


class SavedTranslator(SavedExport):
    """An exported translator; called with a list of str. See `SavedExport`."""

    input, output = "text", "translation"
