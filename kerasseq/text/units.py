"""A text cut into units that join to the very same text, each with the ids that stand for it.

Span finding counts in units: a span of tokens is a stretch of the original text, in Python and
in a graph alike. They are words, marks and ideographs where tokens never cross these, and the
stretches of single tokens where they do (`Tokenizer.units`).
"""

from __future__ import annotations

import itertools
import typing
from collections.abc import Sequence

from kerasseq.text.character_kinds import pattern, stands_alone

if typing.TYPE_CHECKING:
    import tensorflow as tf

CUT = "\x01"


class Unit(typing.NamedTuple):
    """A stretch of a text.

    Attributes:
        text: str, the stretch as it stands there.
        ids: list of int, its tokens.
    """

    text: str
    ids: list[int]


def words_and_marks(text: str) -> list[str]:
    """Cuts a normalised str: before a space, and around a mark or ideograph.

    Returns:
        list of str, whose concatenation is `text` without the character U+0001.
    """
    found, alone = [], True
    for character in text.replace(CUT, ""):
        single = stands_alone(character)
        if alone or single or character == " ":
            found.append("")
        found[-1] += character
        alone = single
    return found


def words_and_marks_graph(texts: tf.Tensor) -> tf.RaggedTensor:
    """The same for normalised TensorFlow strings `(B,)`: ragged strings `(B, None)`."""
    import tensorflow as tf

    texts = tf.strings.regex_replace(texts, CUT, "")
    texts = tf.strings.regex_replace(texts, " ", f"{CUT} ")
    texts = tf.strings.regex_replace(texts, f"({pattern(stands_alone)})", rf"{CUT}\1{CUT}")
    found = tf.strings.split(texts, CUT)
    return tf.ragged.boolean_mask(found, found != "")


def units_of_tokens(
    text: str, ids: Sequence[int], ends: Sequence[int], sizes: Sequence[int]
) -> list[Unit]:
    """The unit of each token, and behind them what no token stands for.

    Args:
        text: str.
        ids: list of int, the tokens of the text as it was read, which may be lower-cased or in
            bytes.
        ends: list of int, where each token ends in what was read, in bytes.
        sizes: list of int, for every character of `text` its bytes in what was read. A character
            that is read in several tokens stands in the unit of the first that takes bytes of it.

    Returns:
        list of Unit, one more than tokens.
    """
    places = [0]
    read = list(itertools.accumulate(sizes))
    for end in ends:
        place = places[-1]
        while place < len(read) and (read[place - 1] if place else 0) < end:
            place += 1
        places.append(place)
    places.append(len(text))
    stretches = (text[begin:end] for begin, end in itertools.pairwise(places))
    of_units = [*([index] for index in ids), []]
    return [Unit(*unit) for unit in zip(stretches, of_units, strict=True)]


def units_of_tokens_graph(
    texts: tf.Tensor, ids: tf.RaggedTensor, ends: tf.Tensor, sizes: tf.Tensor | None = None
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """The same in a TensorFlow graph.

    Args:
        texts: strings `(B,)`.
        ids: ragged int32 `(B, None)`, of `N` tokens in all.
        ends: int64 `(N,)`, where each token ends in what was read of its text, in bytes.
        sizes: int64 `(C,)`, for each character of all texts its bytes in what was read; None
            for those that it has in `texts`.

    Returns:
        ragged strings `(B, None)`, and their ragged ids `(B, None, None)`.
    """
    import tensorflow as tf

    characters = tf.strings.unicode_split(texts, "UTF-8")  # (B, None), C in all
    own = tf.cast(tf.strings.length(characters.values), tf.int64)
    read = tf.cumsum(own if sizes is None else sizes)  # where each character ends in all texts
    own = tf.cumsum(own)
    zero = tf.zeros((1,), tf.int64)
    first = tf.gather(characters.row_splits, ids.value_rowids())  # the text's first character
    before = tf.gather(tf.concat([zero, read], 0), first)
    # The first character that ends with the token or behind it belongs to it whole.
    last = tf.searchsorted(read, before + ends, out_type=tf.int64)  # (N,)
    last = tf.where(ends > 0, last + 1, first)
    limits = tf.gather(tf.concat([zero, own], 0), last)  # where each token ends in `texts`
    total = tf.gather(tf.concat([zero, own], 0), characters.row_splits)  # (B + 1,)
    limits = tf.concat([ids.with_values(limits), total[1:, None]], axis=1)
    begins = tf.concat([total[:-1, None], limits[:, :-1]], axis=1)
    every = tf.strings.reduce_join(texts)
    cut = tf.strings.substr(every, begins.values, (limits - begins).values)
    each = tf.concat([tf.ones_like(ids, tf.int64), tf.zeros_like(total[1:, None])], axis=1)
    of_units = tf.RaggedTensor.from_row_lengths(ids.values, each.values)
    return limits.with_values(cut), limits.with_values(of_units)
