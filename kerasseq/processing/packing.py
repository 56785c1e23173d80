"""Texts, or words, as the row of ids that a text encoder reads."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Sequence

from kerasseq.processing.processor import Row
from kerasseq.text.checks import check_pair

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.text.tokenizer import Tokenizer


class WordRow(typing.NamedTuple):
    """A sentence of words as a model reads it.

    Attributes:
        ids: list of int, the tokens with their symbols.
        cut: int, how many tokens did not fit and were left out.
        places: list of int, where in `ids` the words that fit have their first tokens.
    """

    ids: list[int]
    cut: int
    places: list[int]


def row_of_text(tokenizer: Tokenizer, text: str | tuple[str, str], max_length: int) -> Row:
    """The row of one text, or of a pair of texts.

    For WordPiece `[CLS] text [SEP]` or `[CLS] text [SEP] text [SEP]`, for a tokenizer of RoBERTa's
    `<s> text </s>` or `<s> text </s></s> text </s>`, otherwise `text` or `text </s> text`. What
    is too long is cut at its end, of a pair the longer text first.

    Args:
        tokenizer: Tokenizer.
        text: str, or a pair of str.
        max_length: int, the most ids.

    Returns:
        Row, of at least one token.

    Raises:
        ValueError: for what is no text and no pair.
    """
    if isinstance(text, tuple | list):
        check_pair(text)
        first, second = text
    else:
        first, second = text, None
    lead, close = tokenizer.lead_ids, tokenizer.close_ids
    room = max_length - len(lead) - len(close)
    ids = tokenizer.encode(first)
    if second is None:
        kept = ids[:room] or [tokenizer.unknown_id]
        return Row([*lead, *kept, *close], max(0, len(ids) - room))
    others = tokenizer.encode(second)
    first_longer = int(len(ids) > len(others))
    separator = tokenizer.separator_ids
    room -= len(separator)
    kept, kept_others = longest_first(len(ids), len(others), room, first_longer)
    row = [*lead, *ids[:kept], *separator, *others[:kept_others], *close]
    return Row(row, len(ids) + len(others) - kept - kept_others)


def rows_of_texts(
    tokenizer: Tokenizer, texts: tf.Tensor, max_length: int, seconds: tf.Tensor | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """The same in a TensorFlow graph.

    Args:
        tokenizer: Tokenizer.
        texts: strings `(B,)`.
        max_length: int, the most ids.
        seconds: strings `(B,)`, of pairs.

    Returns:
        int32 ids `(B, S)` padded with 0, and int64 `(B,)`, how many tokens of each did not fit.
    """
    import tensorflow as tf

    lead, close = tokenizer.lead_ids, tokenizer.close_ids
    room = max_length - len(lead) - len(close)
    ids = tokenizer.tokenize(texts)
    if seconds is None:
        middle = [filled(ids[:, :room], tokenizer.unknown_id)]
        cut = tf.maximum(ids.row_lengths() - room, 0)
    else:
        others = tokenizer.tokenize(seconds)
        lengths = ids.row_lengths(), others.row_lengths()
        first_longer = tf.cast(lengths[0] > lengths[1], tf.int64)
        room -= len(tokenizer.separator_ids)
        kept = longest_first(*lengths, room, first_longer, tf.minimum, tf.maximum)
        cut = sum(lengths) - sum(kept)
        separator = between(tokenizer.separator_ids, ids)
        middle = [heads(ids, kept[0]), separator, heads(others, kept[1])]
    parts = [between(lead, ids), *middle, between(close, ids)]
    return tf.concat(parts, axis=1).to_tensor(), cut


def longest_first(
    first: typing.Any,
    second: typing.Any,
    room: typing.Any,
    first_longer: typing.Any,
    minimum: Callable[..., typing.Any] = min,
    maximum: Callable[..., typing.Any] = max,
) -> tuple[typing.Any, typing.Any]:
    """How many ids of each of two texts fit, when the longer one is cut first.

    Of two that are both too long each gets a half, and the longer one the odd id.
    """
    kept = minimum(first, maximum(room - second, (room + first_longer) // 2))
    return kept, minimum(second, room - kept)


def row_of_words(tokenizer: Tokenizer, words: Sequence[str], max_length: int) -> WordRow:
    """The row of a sentence of words.

    Args:
        tokenizer: Tokenizer.
        words: list of str.
        max_length: int, the most ids.

    Returns:
        WordRow.
    """
    lead, close = tokenizer.lead_ids, tokenizer.close_ids
    room = max_length - len(lead) - len(close)
    pieces = [tokenizer.encode_word(word) or [tokenizer.unknown_id] for word in words]
    *places, total = itertools.accumulate((len(row) for row in pieces), initial=0)
    ids = list(itertools.chain.from_iterable(pieces))[:room] or [tokenizer.unknown_id]
    starts = [len(lead) + place for place in places if place < room]
    return WordRow([*lead, *ids, *close], max(0, total - room), starts)


def rows_of_words(
    tokenizer: Tokenizer, words: tf.RaggedTensor, max_length: int
) -> tuple[tf.Tensor, tf.Tensor, tf.RaggedTensor]:
    """The same in a TensorFlow graph.

    Args:
        tokenizer: Tokenizer.
        words: ragged strings `(B, None)`.
        max_length: int, the most ids.

    Returns:
        int32 ids `(B, S)` padded with 0; int64 `(B,)`, how many tokens of each did not fit; and
        ragged int64 places `(B, None)`.
    """
    import tensorflow as tf

    lead, close = tokenizer.lead_ids, tokenizer.close_ids
    room = max_length - len(lead) - len(close)
    pieces = filled(tokenizer.tokenize_words(words.values), tokenizer.unknown_id)
    lengths = words.with_values(pieces.row_lengths())
    # Where a word begins among all tokens, less where its sentence does.
    before = words.with_values(tf.cumsum(lengths.values, exclusive=True))
    of_sentence = tf.cumsum(tf.reduce_sum(lengths, axis=1), exclusive=True)
    places = before - of_sentence[:, None]
    ids = words.with_values(pieces).merge_dims(1, 2)
    cut = tf.maximum(ids.row_lengths() - room, 0)
    ids = filled(ids[:, :room], tokenizer.unknown_id)
    row = tf.concat([between(lead, ids), ids, between(close, ids)], axis=1)
    return row.to_tensor(), cut, tf.ragged.boolean_mask(places, places < room) + len(lead)


def between(symbols: Sequence[int], rows: tf.RaggedTensor) -> tf.RaggedTensor:
    """The same few ids in every row: ragged `(B, len(symbols))`, for as many `rows`."""
    import tensorflow as tf

    symbols = tf.constant([list(symbols)], rows.dtype)
    return tf.RaggedTensor.from_tensor(tf.repeat(symbols, rows.nrows(), axis=0))


def filled(ids: tf.RaggedTensor, filler: int) -> tf.RaggedTensor:
    """Ragged int32 ids `(B, None)`, each empty row one filler."""
    import tensorflow as tf

    empty = tf.cast(ids.row_lengths() == 0, tf.int64)
    filler = tf.RaggedTensor.from_row_lengths(tf.fill((tf.reduce_sum(empty),), filler), empty)
    return tf.concat([ids, filler], axis=1)


def heads(rows: tf.RaggedTensor, lengths: tf.Tensor) -> tf.RaggedTensor:
    """The first `lengths` `(B,)` values of each ragged row."""
    import tensorflow as tf

    return tf.ragged.boolean_mask(rows, tf.ragged.range(rows.row_lengths()) < lengths[:, None])
