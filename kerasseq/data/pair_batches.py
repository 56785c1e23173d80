"""Pairs of strings to tokenised, bucketed and padded batches."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.data.buckets import Buckets
from kerasseq.data.left_out import kept_lengths
from kerasseq.data.prefetch import prefetch
from kerasseq.lazily import tf
from kerasseq.processing.symbols import (
    PairSymbols,
    closed_ids_graph,
    cut_closed_graph,
    teacher_forcing,
)

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
    limits: tuple[int, int],
    truncate: bool,
    cache: bool,
    shuffle_buffer: int,
    seed: int,
    symbols: PairSymbols,
) -> Batches:
    """The work of `ParallelText.batches`, which says what comes out.

    Args:
        strings: `tf.data.Dataset` of pairs of strings.
        count: int, their number.
        source_tokenizer: Tokenizer.
        target_tokenizer: Tokenizer.
        tokens_per_batch: int or None.
        batch_size: int or None.
        limits: int pair, the most tokens of a source and of a target.
        truncate: bool, cut long lines instead of dropping their pairs.
        cache: bool, keep token ids in memory, or the texts of tokenizers that sample.
        shuffle_buffer: int, 0 to keep the order.
        seed: int.
        symbols: PairSymbols, which `limits` count too.

    Raises:
        ValueError: when no pair is left.
    """
    tokenizers = source_tokenizer, target_tokenizer
    samples = bool(shuffle_buffer) and any(each.samples for each in tokenizers)
    beside = symbols.around_source
    longest, limits = limits[0], (limits[0] - beside, limits[1] - len(symbols.prefix))

    def tokenize(*texts):
        sides = zip(tokenizers, texts, strict=True)
        return tuple(closed_ids_graph(each, each.tokenize(lines)) for each, lines in sides)

    def draw(texts, seeds):
        return tuple(
            closed_ids_graph(
                each, each.sample_graph(lines, seed) if each.samples else each.tokenize(lines)
            )
            for each, lines, seed in zip(tokenizers, texts, tf.unstack(seeds, 2), strict=True)
        )

    def cut(*pair):
        return tuple(cut_closed_graph(ids, most) for ids, most in zip(pair, limits, strict=True))

    def fits(source, target):
        lengths = tf.stack([tf.size(source), tf.size(target)])
        return tf.reduce_all((lengths > 1) & (lengths <= limits))

    pairs = strings.batch(LINES_A_CALL)
    if cache and samples:
        pairs = pairs.cache()  # the texts: their ids are new in every epoch
    if samples:
        seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).batch(2)
        pairs = tf.data.Dataset.zip(pairs, seeds)
    pairs = pairs.map(draw if samples else tokenize, num_parallel_calls=tf.data.AUTOTUNE).unbatch()
    pairs = pairs.map(lambda *pair: pair)  # a row of a ragged tensor becomes a plain one
    if cache and not samples:
        pairs = pairs.cache()
    measured = pairs.take(PAIRS_MEASURED).map(lambda s, t: (tf.size(s), tf.size(t)))
    lengths = [pair for batch in measured.batch(4096) for pair in tf.stack(batch, 1).numpy()]
    measured_whole = len(lengths) < PAIRS_MEASURED
    lengths = kept_lengths(lengths, limits, truncate, count)
    pairs = (pairs.map(cut) if truncate else pairs).filter(fits)
    if beside:
        lengths = lengths + np.array([beside, 0])
        before, behind = (tf.constant(each, tf.int32) for each in symbols[:2])
        pairs = pairs.map(lambda source, target: (tf.concat([before, source, behind], 0), target))
    total = len(lengths) if measured_whole else count
    if not len(lengths):
        raise ValueError(
            f"Expected pairs of 1 to {limits[0] - 1} and 1 to {limits[1] - 1} tokens; received "
            f"none in {count} lines. Check the text, or raise max_length."
        )
    bounds = longest, limits[1]
    buckets = Buckets.fit(lengths, bounds, tokens_per_batch, batch_size, total)
    if shuffle_buffer:
        pairs = pairs.shuffle(min(shuffle_buffer, count), seed=seed)
    batches = pairs.apply(buckets.group).map(
        lambda source, target: teacher_forcing(target_tokenizer, source, target, symbols)
    )
    if shuffle_buffer:  # the part-filled batches at the end leave by bucket
        batches = batches.shuffle(BATCHES_MIXED, seed=seed)
    if measured_whole:
        known = buckets.count_batches(lengths)
        if samples:
            # Keras wants as many in every epoch, whatever the cuts, and none shall be lost: up to
            # half of the shapes may need one more for their last pairs.
            known += 1 + known // 100 + buckets.rows.size // 2
            batches = batches.repeat().take(known)
        batches = batches.apply(tf.data.experimental.assert_cardinality(known))
    return prefetch(batches)


def check_sizes(
    tokens_per_batch: int | None,
    batch_size: int | None,
    max_length: int | tuple[int, int],
    too_long: str,
) -> tuple[int, int]:
    """The most tokens of each side, if the sizes are some that a batch can have.

    See `ParallelText.batches`.

    Raises:
        ValueError: for other sizes.
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
    source, target = (max_length,) * 2 if isinstance(max_length, int) else max_length
    if min(source, target) < 2 or (batch_size is not None and batch_size < 1):
        raise ValueError(
            f"Expected batch_size of at least 1 and max_length of at least 2; received "
            f"{batch_size} and {max_length}. Raise them."
        )
    if tokens_per_batch is not None and tokens_per_batch < max(source, target):
        raise ValueError(
            f"Expected tokens_per_batch of at least max_length={max_length}; received "
            f"{tokens_per_batch}. Raise it, or lower max_length."
        )
    return source, target
