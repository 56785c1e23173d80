"""Pairs of strings to tokenised, bucketed and padded batches."""

from __future__ import annotations

import typing

import tensorflow as tf

from kerasseq.data.buckets import Buckets
from kerasseq.data.left_out import kept_lengths
from kerasseq.data.prefetch import prefetch
from kerasseq.processing.symbols import closed_ids_graph, cut_closed_graph, teacher_forcing

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.text.tokenizer import Tokenizer

LINES_A_CALL = 512
PAIRS_MEASURED = 50_000
BATCHES_MIXED = 32


def pair_batches(
    strings: tf.data.Dataset[typing.Any],
    count: int,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    tokens_per_batch: int | None,
    batch_size: int | None,
    max_length: int,
    truncate: bool,
    cache: bool,
    shuffle_buffer: int,
    seed: int,
) -> Batches:
    """The work of `ParallelText.batches`, which says what comes out.

    Args:
        strings: `tf.data.Dataset` of pairs of strings.
        count: int, their number.
        source_tokenizer: Tokenizer.
        target_tokenizer: Tokenizer.
        tokens_per_batch: int or None.
        batch_size: int or None.
        max_length: int.
        truncate: bool, cut long lines instead of dropping their pairs.
        cache: bool, keep token ids in memory.
        shuffle_buffer: int, 0 to keep the order.
        seed: int.

    Raises:
        ValueError: when no pair is left.
    """

    def tokenize(*texts):
        sides = zip((source_tokenizer, target_tokenizer), texts, strict=True)
        return tuple(
            closed_ids_graph(tokenizer, tokenizer.tokenize(lines)) for tokenizer, lines in sides
        )

    def cut(*pair):
        return tuple(cut_closed_graph(ids, max_length) for ids in pair)

    def fits(source, target):
        lengths = tf.stack([tf.size(source), tf.size(target)])
        return tf.reduce_all((lengths > 1) & (lengths <= max_length))

    pairs = strings.batch(LINES_A_CALL)
    pairs = pairs.map(tokenize, num_parallel_calls=tf.data.AUTOTUNE).unbatch()
    pairs = pairs.map(lambda *pair: pair)  # a row of a ragged tensor becomes a plain one
    if cache:
        pairs = pairs.cache()
    measured = pairs.take(PAIRS_MEASURED).map(lambda s, t: (tf.size(s), tf.size(t)))
    lengths = [pair for batch in measured.batch(4096) for pair in tf.stack(batch, 1).numpy()]
    measured_whole = len(lengths) < PAIRS_MEASURED
    lengths = kept_lengths(lengths, max_length, truncate, count)
    pairs = (pairs.map(cut) if truncate else pairs).filter(fits)
    total = len(lengths) if measured_whole else count
    if not len(lengths):
        raise ValueError(
            f"Expected pairs of 1 to {max_length - 1} tokens a side; received none in "
            f"{count} lines. Check the text, or raise max_length."
        )
    buckets = Buckets.fit(lengths, max_length, tokens_per_batch, batch_size, total)
    if shuffle_buffer:
        pairs = pairs.shuffle(min(shuffle_buffer, count), seed=seed)
    batches = pairs.apply(buckets.group).map(
        lambda source, target: teacher_forcing(target_tokenizer, source, target)
    )
    if shuffle_buffer:  # the part-filled batches at the end leave by bucket
        batches = batches.shuffle(BATCHES_MIXED, seed=seed)
    if measured_whole:
        known = buckets.count_batches(lengths)
        batches = batches.apply(tf.data.experimental.assert_cardinality(known))
    return prefetch(batches)


def check_sizes(
    tokens_per_batch: int | None, batch_size: int | None, max_length: int, too_long: str
) -> None:
    """Refuses sizes that no batch can have; see `ParallelText.batches`.

    Raises:
        ValueError: see above.
    """
    if (tokens_per_batch is None) == (batch_size is None):
        raise ValueError(
            f"Expected one of tokens_per_batch and batch_size; received {tokens_per_batch} and "
            f"{batch_size}. Give exactly one."
        )
    if too_long not in ("drop", "truncate"):
        raise ValueError(
            f'Expected too_long to be "drop" or "truncate"; received {too_long!r}. Choose one.'
        )
    if max_length < 2 or (batch_size is not None and batch_size < 1):
        raise ValueError(
            f"Expected batch_size of at least 1 and max_length of at least 2; received "
            f"{batch_size} and {max_length}. Raise them."
        )
    if tokens_per_batch is not None and tokens_per_batch < max_length:
        raise ValueError(
            f"Expected tokens_per_batch of at least max_length={max_length}; received "
            f"{tokens_per_batch}. Raise it, or lower max_length."
        )
