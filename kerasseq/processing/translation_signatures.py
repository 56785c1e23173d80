"""What a served translator takes and gives: strings in, strings out."""

from __future__ import annotations

import typing
from collections.abc import Callable

from kerasseq.processing.begun import begun_ids_graph
from kerasseq.processing.distinct import distinct_graph
from kerasseq.processing.processor import strings
from kerasseq.processing.symbols import (
    asked_ids_graph,
    given_ids_graph,
    target_ids_graph,
    tokens_graph,
)

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.processing.translations import Translations


def translation_signatures(
    processor: Translations, task: Exportable
) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
    """The signatures of a translator, see `Processor.signatures`, of a batch `B` of UTF-8 strings:

    - `serving_default`: `text` to `translation`, `score`, `finished` and `truncated`, `(B,)`;
    - `n_best`: `text` to `translations` and `scores` `(B, N)`, the different ones among all
      hypotheses of the beam; after them, where some read alike, "" with the score -1e9; and to
      `truncated` `(B,)`;
    - `complete`: `text` and `prefix` `(B,)` to the same: translations that begin with the tokens
      of their prefix, at most `longest_prefix`, which cost nothing;
    - `with_glossary`, of a translator whose search is a beam: `text`, `prefix` and `glossary`
      `(B,)`, see `kerasseq.processing.Glossary`, to the same and `missing` `(B,)`, the entries
      that a translation does not keep, one a line;
    - `attention`: `text` to `translation`, `score` and `truncated` `(B,)`, `tokens` `(B, T)`,
      `source_tokens` `(B, S)` and `attention` `(B, T, S)`, of a model that attends;
    - `score`: `source` and `target` `(B,)` to `score` `(B,)`, the log-probability of the
      first `max_length` tokens of a target, the end symbol counted.
    """
    import tensorflow as tf

    from kerasseq.processing.glossary_graph import (
        missing_graph,
        read_entries,
        unwanted_graph,
        wanted_graph,
    )

    def decode(texts, search, **given):
        pieces = processor.source.tokenize(texts)
        ids = processor.rows_graph(pieces)
        found = task.outputs({"source": ids, **given}, search)
        whole = pieces.row_lengths() + 1 + processor.pair_symbols.around_source
        cut = whole > processor.max_source_length
        return cut, ids, found, processor.read_graph(texts, ids, found)

    def translate(texts, **given):
        cut, _, found, translations = decode(texts, task.search, **given)
        written = found["tokens"][:, 0, len(processor.pair_symbols.prefix) :]
        return {
            "translation": translations[:, 0],
            "score": found["scores"][:, 0],
            "finished": tf.reduce_any(written == processor.target.end_id, axis=1),
            "truncated": cut,
        }

    def complete(texts, prefixes):
        begun = begun_ids_graph(prefixes, processor.target, processor.longest_prefix)
        return translate(texts, prefix=begun)

    def with_glossary(texts, prefixes, glossaries):
        entries, count = read_entries(glossaries, texts), tf.size(texts)
        begun = begun_ids_graph(prefixes, processor.target, processor.longest_prefix)
        wanted = wanted_graph(entries, count, processor.target)
        unwanted = unwanted_graph(entries, count, processor.target, processor.spelling)
        found = translate(texts, prefix=begun, **wanted, **unwanted)
        missing = missing_graph(entries, found["translation"], processor.target)
        return found | {"missing": missing}

    def n_best(texts):
        cut, _, found, translations = decode(texts, task.search.all_best())
        translations, scores = distinct_graph(translations, found["scores"])
        return {"translations": translations, "scores": scores, "truncated": cut}

    def attention(texts):
        cut, ids, found, translations = decode(texts, task.search.replace(return_attention=True))
        symbols, longest = processor.pair_symbols, tf.reduce_max(found["lengths"][:, 0])
        written = slice(len(symbols.prefix), longest)
        ids = ids[:, len(symbols.source_before) :]
        weights = found["attention"][:, 0, written, len(symbols.source_before) :]
        if symbols.source_behind:
            read = tf.cumsum(tf.cast(ids == processor.source.end_id, tf.int32), 1, exclusive=True)
            ids = tf.where(read == 0, ids, processor.source.pad_id)
            weights = tf.where(read[:, None] == 0, weights, 0.0)
        return {
            "translation": translations[:, 0],
            "score": found["scores"][:, 0],
            "tokens": tokens_graph(processor.target, found["tokens"][:, 0, written]),
            "source_tokens": tokens_graph(processor.source, ids),
            "attention": weights,
            "truncated": cut,
        }

    def score(sources, targets):
        following = target_ids_graph(processor.target, targets, processor.longest_target)
        given = given_ids_graph(processor.target, following, processor.pair_symbols)
        asked = asked_ids_graph(following, processor.pair_symbols)
        return {"score": task.model.score(processor.source_ids_graph(sources), given, asked)}

    found = {
        "serving_default": (translate, strings("text")),
        "complete": (complete, strings("text", "prefix")),
        "n_best": (n_best, strings("text")),
        "score": (score, strings("source", "target")),
    }
    if getattr(task, "takes_glossaries", False):
        names = strings("text", "prefix", "glossary")
        found["with_glossary"] = (with_glossary, names)
    attends = {"attention": (attention, strings("text"))} if task.model.attends else {}
    return found | attends
