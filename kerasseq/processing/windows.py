"""A question and a long context as several rows of ids."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from kerasseq.processing.packing import between

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.text.tokenizer import Tokenizer
    from kerasseq.text.units import Unit

LONGEST_QUESTION = 64


class Window(typing.NamedTuple):
    """One row that holds a question and a part of its context.

    Attributes:
        ids: list of int, the row.
        start: int, the place in the row of the part's first token.
        units: list of int, for every token of the part the unit it was cut from.
        cut: int, how many tokens of the question did not fit and were left out.
    """

    ids: list[int]
    start: int
    units: list[int]
    cut: int = 0


def windows(
    tokenizer: Tokenizer, question: str, units: Sequence[Unit], max_length: int, overlap: int
) -> list[Window]:
    """The rows `[CLS] question [SEP] part [SEP]` that cover a context.

    Args:
        tokenizer: Tokenizer.
        question: str, of which `longest_question` tokens are read.
        units: list of Unit, the context cut by the tokenizer.
        max_length: int, the most ids of a row.
        overlap: int, the tokens that a part shares with the next; at most half of its room.

    Returns:
        list of Window, at least one.
    """
    ids = [piece for unit in units for piece in unit.ids]
    owners = [number for number, unit in enumerate(units) for _ in unit.ids]
    question_ids = tokenizer.encode(question)
    asked = question_ids[: longest_question(max_length)]
    head = [*tokenizer.lead_ids, *asked, *tokenizer.separator_ids]
    room = max_length - len(head) - len(tokenizer.close_ids)
    advance = room - min(overlap, room // 2)
    count = max(0, -(-(len(ids) - room) // advance)) + 1
    return [
        Window(
            [*head, *ids[first : first + room], *tokenizer.close_ids],
            len(head),
            owners[first : first + room],
            len(question_ids) - len(asked),
        )
        for first in range(0, count * advance, advance)
    ]


def windows_graph(
    tokenizer: Tokenizer,
    questions: tf.Tensor,
    pieces: tf.RaggedTensor,
    max_length: int,
    overlap: int,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.RaggedTensor, tf.Tensor]:
    """The same for a batch in a TensorFlow graph.

    Args:
        tokenizer: Tokenizer.
        questions: strings `(B,)`.
        pieces: ragged int32 ids of the contexts' units `(B, None, None)`.
        max_length: int.
        overlap: int.

    Returns:
        int32 ids `(W, S)` padded with 0, of all rows of the batch, the sentences' one after
        the other; how many each has `(B,)`; the start of each row's part `(W,)`; the units of
        its tokens, ragged `(W, None)`; and how many tokens of each question did not fit `(B,)`.
    """
    import tensorflow as tf

    ids = pieces.merge_dims(1, 2)  # of every context (B, None)
    numbers = tf.ragged.range(pieces.row_lengths()).values
    owners = tf.repeat(numbers, pieces.values.row_lengths())  # the unit of each of all tokens
    whole = tokenizer.tokenize(questions)
    asked = whole[:, : longest_question(max_length)]
    cut = whole.row_lengths() - asked.row_lengths()
    lead, separator = (
        between(symbols, asked) for symbols in (tokenizer.lead_ids, tokenizer.separator_ids)
    )
    head = tf.concat([lead, asked, separator], axis=1)  # (B, None)
    room = max_length - head.row_lengths() - len(tokenizer.close_ids)
    advance = room - tf.minimum(tf.cast(overlap, tf.int64), room // 2)
    missing = ids.row_lengths() - room
    counts = tf.maximum(-(-missing // advance), 0) + 1  # (B,), the rows of each example
    # For each of the W rows: its example, and its token range in the context.
    owner = tf.repeat(tf.range(tf.size(counts)), counts)
    first = tf.ragged.range(counts).values * tf.gather(advance, owner)
    last = tf.minimum(first + tf.gather(room, owner), tf.gather(ids.row_lengths(), owner))
    offsets = tf.gather(ids.row_starts(), owner)
    places = tf.ragged.range(offsets + first, offsets + last)  # (W, None), among all tokens
    head = tf.gather(head, owner)  # (W, None)
    part = tf.gather(ids.values, places)  # (W, None)
    rows = tf.concat([head, part, between(tokenizer.close_ids, head)], axis=1)
    return rows.to_tensor(), counts, head.row_lengths(), tf.gather(owners, places), cut


def longest_question(max_length: int) -> int:
    """The most tokens read of a question: 64, and at most half of a row."""
    return min(LONGEST_QUESTION, max_length // 2 - 2)
