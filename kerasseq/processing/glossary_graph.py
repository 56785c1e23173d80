"""The graph half of glossaries: what a SavedModel reads of their text."""

from __future__ import annotations

import typing

from kerasseq.lazily import tf
from kerasseq.processing.glossary import EITHER, LONGEST, NOT, WIDEST
from kerasseq.text.normalize import normalize_graph
from kerasseq.text.spelling import UNSPACED

if typing.TYPE_CHECKING:
    from kerasseq.text.spelling import Spelling
    from kerasseq.text.tokenizer import Tokenizer

IN_WORD = r"[\pL\pM\pN]"
# What a word does not go on with, and a script without spaces between words.
NO_WORD = r"[^\pL\pM\pN]"
ALONE = "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in UNSPACED) + "]"
TERM = r" ?[^|! ][^|]*"
TARGETS = rf"(?s){NOT}?{TERM}([|]{TERM})*"
# What a pattern would read otherwise.
SPECIAL = r"([!-/:-@\[-\^`{-~])"


class Entries(typing.NamedTuple):
    """The target terms of a batch, `N` in all.

    Attributes:
        rows: int64 `(N,)`, the line of each.
        numbers: int32 `(N,)`, its entry among those of its line, from 1.
        terms: strings `(N,)`.
        wanted: bool `(N,)`.
    """

    rows: tf.Tensor
    numbers: tf.Tensor
    terms: tf.Tensor
    wanted: tf.Tensor


def read_entries(glossaries: tf.Tensor, lines: tf.Tensor) -> Entries:
    """The entries that hold for lines, of the texts of glossaries, both strings `(B,)`.

    Raises:
        tf.errors.InvalidArgumentError: when run, for a text that is no glossary's.
    """
    entries = tf.strings.split(glossaries, "\n")  # (B, None)
    rows, entries = entries.value_rowids(), entries.values
    real = tf.strings.length(normalize_graph(entries)) > 0
    rows, entries = tf.boolean_mask(rows, real), tf.boolean_mask(entries, real)
    targets = normalize_graph(tf.strings.regex_replace(entries, "^[^\t]*\t", ""))
    form = tf.strings.regex_full_match(entries, "[^\t]*\t[^\t]*")
    form &= tf.strings.regex_full_match(targets, TARGETS)
    with tf.control_dependencies(
        [
            tf.debugging.Assert(
                tf.reduce_all(form),
                [
                    "Expected a source term, a tab and target terms in each line of a glossary; "
                    "received another line. Put one tab between them."
                ],
            )
        ]
    ):
        entries = tf.identity(entries)
    sources = fold(tf.strings.regex_replace(entries, "(?s)\t.*", ""))
    holds = (sources == "") | stands_graph(sources, tf.gather(fold(lines), rows))
    rows, targets = tf.boolean_mask(rows, holds), tf.boolean_mask(targets, holds)
    first = tf.searchsorted(rows, rows)  # of its line
    numbers = tf.range(tf.size(rows)) - first + 1
    unwanted = tf.strings.regex_full_match(targets, f"(?s){NOT}.*")
    terms = tf.strings.split(tf.strings.regex_replace(targets, f"^{NOT}", ""), EITHER)
    of_entry = terms.value_rowids()
    rows, numbers, wanted = (tf.gather(each, of_entry) for each in (rows, numbers, ~unwanted))
    return Entries(rows, numbers, normalize_graph(terms.values), wanted)


def fold(texts: tf.Tensor) -> tf.Tensor:
    """Strings of any shape as source terms are compared."""
    return tf.strings.lower(normalize_graph(texts), encoding="utf-8")


def stands_graph(terms: tf.Tensor, texts: tf.Tensor) -> tf.Tensor:
    """Whether terms stand in texts, as whole words: strings `(N,)` to bool `(N,)`."""
    before = tf.strings.regex_full_match(terms, f"(?s){IN_WORD}.*")
    before &= ~tf.strings.regex_full_match(terms, f"(?s){ALONE}.*")
    behind = tf.strings.regex_full_match(terms, f"(?s).*{IN_WORD}")
    behind &= ~tf.strings.regex_full_match(terms, f"(?s).*{ALONE}")
    start = tf.where(before, f"(?s)(?:.*(?:{NO_WORD}|{ALONE}))?", "(?s).*")
    end = tf.where(behind, f"(?:(?:{NO_WORD}|{ALONE}).*)?", ".*")
    quoted = tf.strings.regex_replace(terms, SPECIAL, r"\\\1")
    patterns = tf.strings.join([start, quoted, end])
    return tf.map_fn(
        lambda pair: tf.strings.regex_full_match(*pair),
        (texts, patterns),
        fn_output_signature=tf.bool,
    )


def wanted_graph(entries: Entries, count: tf.Tensor, target: Tokenizer) -> dict[str, tf.Tensor]:
    """`wanted_ids` of `count` lines as a beam takes them: a dict of int32 `owners` `(B, P)` and
    `wanted` `(B, P * 16)`."""
    ids = target.tokenize_words(entries.terms)  # (N, None)
    lengths = ids.row_lengths()
    known = ~tf.reduce_any(ids == target.unknown_id, axis=1)
    kept = entries.wanted & known & (lengths > 0) & (lengths <= LONGEST)
    ids = ids.to_tensor(shape=(None, LONGEST))
    found = {"owners": entries.numbers[:, None], "wanted": ids}
    return _by_row(found, entries.rows, kept, count)


def unwanted_graph(
    entries: Entries, count: tf.Tensor, target: Tokenizer, spelling: Spelling
) -> dict[str, tf.Tensor]:
    """`unwanted_codes` of `count` lines as a beam takes them: a dict of int32 `sizes` `(B, F)`
    and `unwanted` `(B, F * 64)`.

    Raises:
        tf.errors.InvalidArgumentError: when run, for a term of more than 64 bytes.
    """
    ids = target.tokenize_words(entries.terms)  # (N, None)
    known = ~tf.reduce_any(ids == target.unknown_id, axis=1)
    table = tf.RaggedTensor.from_tensor(spelling.codes, lengths=spelling.lengths)
    codes = tf.gather(table, ids).merge_dims(1, 2)  # (N, None)
    blank = tf.cast(codes[:, :1].to_tensor(shape=(None, 1))[:, 0] == ord(" "), tf.int32)
    padded = codes.to_tensor(shape=(None, None))
    places = tf.range(tf.shape(padded)[1])[None]
    real = places >= blank[:, None]
    real &= places < tf.cast(codes.row_lengths(), tf.int32)[:, None]
    codes = tf.ragged.boolean_mask(padded, real)
    kept = ~entries.wanted & known & (codes.row_lengths() > 0)
    longest = tf.reduce_max(tf.where(kept, codes.row_lengths(), 0))
    with tf.control_dependencies(
        [
            tf.debugging.Assert(
                longest <= WIDEST,
                [
                    f"Expected terms that must not appear of at most {WIDEST} bytes; received a "
                    "longer one. Shorten it."
                ],
            )
        ]
    ):
        padded = tf.reverse(codes, [1]).to_tensor(shape=(None, WIDEST))
    sizes = tf.cast(codes.row_lengths(), tf.int32)
    found = {"sizes": sizes[:, None], "unwanted": tf.reverse(padded, [1])}
    return _by_row(found, entries.rows, kept, count)


def missing_graph(entries: Entries, texts: tf.Tensor, target: Tokenizer) -> tf.Tensor:
    """What translations, strings `(B,)`, do not keep: strings `(B,)`, one entry a line."""
    ids = target.tokenize(entries.terms).to_tensor()
    written = tf.strings.strip(target.detokenize(ids))
    found = stands_graph(written, tf.gather(texts, entries.rows))
    # Entries of all lines by number; of each any term that stands.
    count = tf.cast(tf.size(texts), tf.int64)
    most = tf.cast(tf.reduce_max(tf.concat([entries.numbers, [0]], 0)), tf.int64) + 1
    key = entries.rows * most + tf.cast(entries.numbers, tf.int64)
    unique, places = tf.unique(key)
    total = tf.size(unique)
    stands = tf.math.unsorted_segment_max(tf.cast(found, tf.int32), places, total) > 0
    wanted = tf.math.unsorted_segment_max(tf.cast(entries.wanted, tf.int32), places, total) > 0
    grouped = tf.RaggedTensor.from_value_rowids(entries.terms, places, total)
    names = tf.strings.reduce_join(grouped, axis=1, separator=EITHER)
    names = tf.strings.join([tf.where(wanted, "", NOT), names])
    lost = stands != wanted
    lines = tf.boolean_mask(unique // most, lost)
    names = tf.RaggedTensor.from_value_rowids(tf.boolean_mask(names, lost), lines, count)
    return tf.strings.reduce_join(names, axis=1, separator="\n")


def _by_row(found, rows, kept, count):
    """The kept of leaves `(N, M)` beside each other, in the rows `(B, …)` of their lines."""
    rows = tf.boolean_mask(rows, kept)

    def beside(leaf):
        leaf, width = tf.boolean_mask(leaf, kept), leaf.shape[1]
        ragged = tf.RaggedTensor.from_value_rowids(leaf, rows, tf.cast(count, tf.int64))
        padded = ragged.to_tensor(shape=(None, None, width))
        # One in place of none, which asks for nothing.
        padded = tf.pad(padded, [[0, 0], [0, 1], [0, 0]])
        return tf.reshape(padded, (tf.shape(padded)[0], -1))

    return {name: beside(leaf) for name, leaf in found.items()}
