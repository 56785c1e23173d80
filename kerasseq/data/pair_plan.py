"""Which pairs are the batches of an epoch, planned from their lengths, and the batches."""

from __future__ import annotations

import collections
import itertools
import typing
from collections.abc import Iterator, Sequence

import numpy as np

from kerasseq.data.left_out import kept_pairs
from kerasseq.data.pair_sizes import MEASURED
from kerasseq.data.prefetch import prefetch
from kerasseq.lazily import tf
from kerasseq.processing.symbols import teacher_forcing

if typing.TYPE_CHECKING:
    from kerasseq.data.buckets import Buckets
    from kerasseq.data.pair_ids import PairIds
    from kerasseq.data.pair_sizes import PairSizes
    from kerasseq.data.prefetch import Batches
    from kerasseq.processing.symbols import PairSymbols
    from kerasseq.text.tokenizer import Tokenizer

BUFFERED = 50_000  # pairs, all of which the buffer of a stream holds
BATCHES_MIXED = 32


class PairPlan:
    """The batches of each epoch of pairs whose ids are at hand.

    Shuffled, an epoch is drawn from the whole corpus. Up to 50,000 pairs its batches are those that
    `streamed_batches` makes, in the same order. Of more, NumPy draws the order of the pairs and of
    the batches, by the seed and the number of the epoch.

    Args:
        ids: PairIds.
        sizes: PairSizes.
        seed: int, of the order, or None for the order of the corpus.
        times: list of float, how often an epoch has the pairs of each of the ids' parts: 1.5 is
            once, and half of each bucket's, drawn anew, once more; None for once each. Epochs have
            the same number of batches, and no bucket is left out.
        share: pair of int, which of how many equal parts of each batch's rows `batches` makes.

    Raises:
        ValueError: when no pair is left, or for parts that are to be read more or less than once in
            the order of the corpus.
    """

    def __init__(
        self,
        ids: PairIds,
        sizes: PairSizes,
        seed: int | None = None,
        times: Sequence[float] | None = None,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.share = share
        times = times or [1.0] * len(ids.parts)
        if seed is None and {*times} != {1.0}:
            raise ValueError(
                "Expected shuffle=True with weights or a temperature; received the order of the "
                "corpus. Shuffle, or leave them out."
            )
        self.ids = ids
        self.sizes = sizes
        self.seed = seed
        lengths = ids.lengths + np.int32(1)  # (N, 2), with the end symbol
        kept = kept_pairs(lengths, sizes.limits, sizes.truncate, len(ids))  # (N,)
        self.rows: np.ndarray = np.flatnonzero(kept).astype("int32")  # (K,)
        lengths = sizes.padded(lengths[kept])  # (K, 2)
        measured = lengths[:: max(1, len(ids) // MEASURED)]
        self.buckets: Buckets = sizes.buckets(measured, len(lengths))
        self.keys: np.ndarray = self.buckets.keys(lengths)  # (K,)
        ends = np.searchsorted(self.rows, np.cumsum(ids.parts)).tolist()
        # The kept pairs of each part, from one place in `rows` to another, and how often.
        self.parts: list[tuple[int, int, float]] = list(
            zip([0, *ends[:-1]], ends, times, strict=True)
        )
        self._epochs = itertools.count()
        self._streams = None
        if seed is not None and len(ids) <= BUFFERED and {*times} == {1.0}:
            pairs, batches = map(tf.data.Dataset.range, (len(self.rows), self.count_batches()))
            self._streams = (
                pairs.shuffle(len(ids), seed=seed).batch(4096),
                batches.shuffle(BATCHES_MIXED, seed=seed).batch(4096),
            )

    def epoch(self) -> Iterator[tuple[np.ndarray, int]]:
        """Draws the next epoch.

        Yields:
            int32 `(B,)`, the places of a batch's pairs in the corpus, and its bucket.
        """
        draws = np.random.default_rng([(self.seed or 0) % 2**64, next(self._epochs)])
        order = self._order(draws)  # (K,), or as many as an epoch has
        keys = self.keys[order]
        sizes, counts = self.buckets.rows.ravel(), np.bincount(keys, minlength=self._buckets)
        by_key = np.argsort(keys, kind="stable")  # places in the order, a bucket's together
        grouped = order[by_key]
        last = counts.cumsum()
        batches = -(-counts // sizes)
        key = np.repeat(np.arange(len(sizes)), batches)  # (B,), of every batch
        number = np.arange(len(key)) - np.repeat(batches.cumsum() - batches, batches)
        begin = (last - counts)[key] + number * sizes[key]
        end = np.minimum(begin + sizes[key], last[key])
        # A batch leaves when its last pair has come; those that stay part-filled leave by bucket.
        full = end - begin == sizes[key]
        leaves = np.where(full, by_key[end - 1], len(order) + key)
        leaving = np.argsort(leaves, kind="stable")
        del order, keys, by_key, leaves
        for batch in self._mixed(leaving, draws):
            yield self.rows[grouped[begin[batch] : end[batch]]], int(key[batch])

    @property
    def _buckets(self):
        return self.buckets.rows.size

    def _order(self, draws):
        """Places in `rows`, int32, as an epoch has them."""
        order = np.arange(len(self.rows), dtype="int32")
        if self.seed is None:
            return order
        if self._streams is not None:
            return np.concatenate([*self._streams[0].as_numpy_iterator()]).astype("int32")
        chosen = []
        for first, last, times in self.parts:
            part = order[first:last]
            if times == int(times):
                chosen += [part] * int(times)
                continue
            has, wanted = self._pairs_of(first, last, times)
            part = draws.permutation(part)
            part = part[np.argsort(self.keys[part], kind="stable")]  # a bucket's together
            keys = self.keys[part]
            rank = np.arange(len(part)) - (has.cumsum() - has)[keys]  # in its bucket
            whole, rest = np.divmod(wanted, np.maximum(has, 1))  # (buckets,)
            chosen.append(np.repeat(part, whole[keys] + (rank < rest[keys])))
        order = np.concatenate(chosen)
        draws.shuffle(order)
        return order

    def _pairs_of(self, first, last, times):
        """How many pairs of a part each bucket has, and how many an epoch has of them."""
        has = np.bincount(self.keys[first:last], minlength=self._buckets)
        return has, np.where(has > 0, np.maximum(np.rint(times * has), 1), 0).astype("int64")

    def _mixed(self, leaving, draws):
        """Batches, int `(B,)`, in another order: those at the end left part-filled, by bucket."""
        if self.seed is None:
            return leaving
        if self._streams is not None:
            return leaving[np.concatenate([*self._streams[1].as_numpy_iterator()])]
        return draws.permutation(leaving)

    def describe(self) -> dict[str, typing.Any]:
        """Counts the tokens and shapes of the next epoch, as `describe_batches` does."""
        shapes = collections.Counter()
        pairs = target_tokens = real_tokens = padded_tokens = 0
        prefix = len(self.sizes.symbols.prefix)
        for rows, key in self.epoch():
            count, widths = int(self.buckets.rows.ravel()[key]), self.buckets.widths(key)
            source, target = self.sizes.padded(self.ids.lengths[rows] + 1).sum(axis=0).tolist()
            shapes[(count, widths[0], widths[1] + prefix)] += 1
            pairs += len(rows)
            target_tokens += target
            real_tokens += source + target
            padded_tokens += count * (sum(widths) + prefix)
        return {
            "batches": sum(shapes.values()),
            "rows": pairs,
            "pairs": pairs,
            "target_tokens": target_tokens,
            "real_tokens": real_tokens,
            "padded_tokens": padded_tokens,
            "filled": real_tokens / padded_tokens,
            "shapes": dict(sorted(shapes.items())),
        }

    def count_batches(self) -> int:
        """The batches of an epoch."""
        counts = sum(self._pairs_of(*part)[1] for part in self.parts)
        return int((-(-counts // self.buckets.rows.ravel())).sum())

    def batches(self, *, whole: bool = False) -> Batches:
        """The batches as `ParallelText.batches` describes them; `whole` ones whatever the share."""
        symbols, (part, parts) = self.sizes.symbols, (0, 1) if whole else self.share

        def padded():
            for rows, key in self.epoch():
                widths, size = self.buckets.widths(key), self.buckets.rows.ravel()[key] // parts
                rows = rows[part * size : (part + 1) * size]
                sides = self.ids.take(rows, widths, self.sizes.limits, symbols)
                missing = size - len(rows)
                yield tuple(
                    np.pad(side, [(0, missing), *[(0, 0)] * (side.ndim - 1)]) for side in sides
                )

        spec = (tf.TensorSpec((None, None), tf.int32),) * 2
        if self.ids.links is not None:
            spec += (tf.TensorSpec((None, None, None), tf.float32),)
        batches = tf.data.Dataset.from_generator(padded, output_signature=spec)
        return finished(batches, self.ids.target_tokenizer, symbols, None, self.count_batches())


def finished(
    batches: tf.data.Dataset[typing.Any],
    target_tokenizer: Tokenizer,
    symbols: PairSymbols,
    seed: int | None,
    count: int | None,
    *,
    fill: bool = False,
) -> Batches:
    """Batches for `fit`, from padded ids of sources and of targets.

    Args:
        batches: `tf.data.Dataset` of int32 `(B, S)` and `(B, T)`, and, of aligned pairs, `links`.
        target_tokenizer: Tokenizer.
        symbols: PairSymbols.
        seed: int, or None to keep the order.
        count: int, batches of an epoch; None where it is not known, as of a long stream.
        fill: bool, begin again where an epoch has fewer than `count`, and leave out the rest.
    """

    def taught(source, target, *links):
        x, y, weights = teacher_forcing(target_tokenizer, source, target, symbols)
        return x | dict(zip(("links",), links, strict=False)), y, weights

    batches = batches.map(taught)
    if seed is not None:  # the part-filled batches at the end leave by bucket
        batches = batches.shuffle(BATCHES_MIXED, seed=seed)
    if count is not None:
        batches = batches.repeat().take(count) if fill else batches
        batches = batches.apply(tf.data.experimental.assert_cardinality(count))
    return prefetch(batches)
