"""Streamed pairs of strings to tokenised, bucketed and padded batches."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.data.left_out import kept_pairs
from kerasseq.data.pair_ids import LINES_A_CALL
from kerasseq.data.pair_plan import finished
from kerasseq.data.pair_sizes import MEASURED, PairSizes
from kerasseq.lazily import tf
from kerasseq.processing.symbols import closed_ids_graph, cut_closed_graph

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.text.tokenizer import Tokenizer


def check_streams(samples: bool, weighed: bool, aligned: bool) -> None:
    """Refuses to stream pairs with what all their ids are needed for.

    Args:
        samples: bool, they are streamed since a tokenizer samples, not for want of `cache`.
        weighed: bool, with weights or a temperature.
        aligned: bool, with alignments.

    Raises:
        ValueError: see above.
    """
    if not weighed and not aligned:
        return
    asked = "weights or a temperature" if weighed else "alignments"
    if samples:
        raise ValueError(
            f"Expected tokenizers that do not sample with {asked}; received one with "
            "sampling_alpha. Leave one of them out."
        )
    raise ValueError(
        f"Expected cache=True with {asked}; received cache=False. Pass cache=True, or leave them "
        "out."
    )


def streamed_batches(
    strings: tf.data.Dataset[typing.Any],
    count: int,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    sizes: PairSizes,
    cache: bool,
    shuffle_buffer: int,
    seed: int,
) -> Batches:
    """Batches of pairs that are tokenised as they are read; see `ParallelText.batches`.

    Args:
        strings: `tf.data.Dataset` of pairs of strings.
        count: int, their number.
        source_tokenizer: Tokenizer.
        target_tokenizer: Tokenizer.
        sizes: PairSizes.
        cache: bool, keep the texts in memory.
        shuffle_buffer: int, 0 to keep the order.
        seed: int.

    Raises:
        ValueError: when no pair is left.
    """
    tokenizers, symbols, limits = (source_tokenizer, target_tokenizer), sizes.symbols, sizes.limits
    samples = bool(shuffle_buffer) and any(each.samples for each in tokenizers)

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
    if cache:
        pairs = pairs.cache()
    if samples:
        seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).batch(2)
        pairs = tf.data.Dataset.zip(pairs, seeds)
    pairs = pairs.map(draw if samples else tokenize, num_parallel_calls=tf.data.AUTOTUNE).unbatch()
    pairs = pairs.map(lambda *pair: pair)  # a row of a ragged tensor becomes a plain one
    # Where cuts are drawn epochs differ, and their size has to be told from all lengths.
    first = pairs if samples else pairs.take(MEASURED)
    measured = first.map(lambda s, t: (tf.size(s), tf.size(t)))
    lengths = [tf.stack(batch, 1).numpy() for batch in measured.batch(4096)]
    lengths = np.concatenate([np.zeros((0, 2), "int32"), *lengths])  # (N, 2)
    measured_whole = samples or len(lengths) < MEASURED
    lengths = sizes.padded(lengths[kept_pairs(lengths, limits, sizes.truncate, count)])
    some = lengths[:: max(1, len(lengths) // MEASURED)]
    buckets = sizes.buckets(some, len(lengths) if measured_whole else count)
    pairs = (pairs.map(cut) if sizes.truncate else pairs).filter(fits)
    if symbols.around_source:
        before, behind = (tf.constant(each, tf.int32) for each in symbols[:2])
        pairs = pairs.map(lambda source, target: (tf.concat([before, source, behind], 0), target))
    if shuffle_buffer:
        pairs = pairs.shuffle(min(shuffle_buffer, count), seed=seed)
    batches = pairs.apply(buckets.group)
    known = buckets.count_batches(lengths) if measured_whole else None
    if samples:
        # Keras wants as many in every epoch, whatever the cuts, and none shall be lost: up to
        # half of the shapes may need one more for their last pairs.
        known += 1 + known // 100 + buckets.rows.size // 2
    seed = seed if shuffle_buffer else None
    return finished(batches, target_tokenizer, symbols, seed, known, fill=samples)
