"""Pairs of lines: a text and its translation."""

from __future__ import annotations

import copy
import itertools
import typing
from collections.abc import Iterator

import numpy as np

from kerasseq.data.pair_batches import check_sizes, pair_batches
from kerasseq.data.pair_readers import PairReaders
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.data.string_dataset import string_dataset
from kerasseq.processing.symbols import PLAIN, PairSymbols
from kerasseq.text.checks import check_whole

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.data.prefetch import Batches
    from kerasseq.text.tokenizer import Tokenizer


class ParallelText(PairReaders):
    """Source lines and their targets, streamed from disk or held in memory.

    Make one with `from_files`, `from_csv`, `from_tsv`, `from_jsonl`, `from_parquet`, `from_pairs`
    or `from_lists`, and iterate over its cleaned pairs (`PairReaders`).

    Args:
        count: int, pairs.
        raw_pairs: function without arguments to an iterator of pairs of str.
    """

    def strings(self) -> tf.data.Dataset[typing.Any]:
        """The pairs as a `tf.data.Dataset` of pairs of strings, not cleaned yet."""
        return string_dataset(self.raw_pairs, 2)

    def sources(self) -> Iterator[str]:
        """Iterates over the source lines."""
        return (source for source, _ in self)

    def targets(self) -> Iterator[str]:
        """Iterates over the target lines."""
        return (target for _, target in self)

    def reversed(self) -> ParallelText:
        """The same pairs in the other direction."""
        return self._of(
            self.count, lambda: ((target, source) for source, target in self.raw_pairs())
        )

    def take(self, count: int) -> ParallelText:
        """The first `count` pairs."""
        check_whole("count", count, least=0)
        count = min(count, self.count)
        return self._of(count, lambda: itertools.islice(self.raw_pairs(), count))

    def _of(self, count, raw_pairs):
        """Other pairs, read as these are."""
        found = copy.copy(self)
        found.count, found.raw_pairs = count, raw_pairs
        return found

    def split(
        self, share: float, *, seed: int = 0, disjoint: bool = False
    ) -> tuple[ParallelText, ParallelText]:
        """A part to train on and one held out, drawn by a seed; both stream as this does.

        Args:
            share: float above 0 and below 1, of the pairs that are held out.
            seed: int.
            disjoint: bool, no source and no target stands in both parts.

        Returns:
            two ParallelText, in the order of this one.

        Raises:
            ValueError: for another share, or when a part stays empty.
        """
        groups = groups_of_texts(self) if disjoint else None
        second = np.zeros(self.count, bool)
        second[split_rows(self.count, share, seed, groups=groups)[1]] = True
        parts = ~second, second
        return tuple(
            self._of(int(part.sum()), lambda part=part: itertools.compress(self.raw_pairs(), part))
            for part in parts
        )

    def with_joined(self, most: int) -> ParallelText:
        """The same pairs, and after them runs of 2 to `most` consecutive pairs as one each.

        For sentences longer than a corpus has: `(count / 2 + … + count / most)` more pairs.

        Args:
            most: int of at least 2.

        Raises:
            ValueError: for a smaller `most`.
        """
        if most < 2:
            raise ValueError(f"Expected to join at least 2 pairs; received {most}. Raise it.")
        groups = [n for n in range(2, most + 1) if n <= self.count]

        def pairs():
            yield from self.raw_pairs()
            for n in groups:
                clean = iter(self)
                for run in zip(*[clean] * n, strict=False):
                    sources, targets = zip(*run, strict=True)
                    yield " ".join(sources), " ".join(targets)

        return self._of(self.count + sum(self.count // n for n in groups), pairs)

    def batches(
        self,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        *,
        tokens_per_batch: int | None = None,
        batch_size: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
        max_length: int | tuple[int, int] = 100,
        too_long: typing.Literal["drop", "truncate"] = "drop",
        cache: bool = False,
        shuffle_buffer: int = 50_000,
        symbols: PairSymbols = PLAIN,
    ) -> Batches:
        """Tokenised, bucketed and padded batches for `model.fit`.

        Pairs are bucketed by both lengths into few shapes (see `Buckets`), which are chosen
        from the first 50,000 pairs. A bucket's last, partial batch is filled with rows of
        padding, so that no other shape occurs. Pairs with an empty side are dropped. What is
        dropped or cut is logged; more than 1 % of the pairs is a warning.

        Args:
            source_tokenizer, target_tokenizer: Tokenizer.
            tokens_per_batch: int, the most padded tokens of the longer side in a batch.
            batch_size: int, pairs in a batch; give this or `tokens_per_batch`.
            shuffle: bool, another order every epoch; and other cuts, of tokenizers that sample
                (`SentencePieceTokenizer`). Longer ones than `max_length` are then dropped or cut
                in their epoch; an epoch has a few batches more than the first cuts fill, so that
                none is lost, and ends with some pairs a second time.
            seed: int, of the order and the cuts.
            max_length: int, most tokens of a side with the end symbol; a pair for both sides.
            too_long: "drop" or "truncate" longer pairs.
            cache: bool, keep the token ids (the texts, where cuts vary) in memory after the first
                epoch.
            shuffle_buffer: int, pairs among which the next is drawn.
            symbols: PairSymbols, `processor.pair_symbols` of a translator of many languages.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `source` `(B, S)`, ids
            with the end symbol, and `target` `(B, T)`, ids beginning with the start symbol; `y`
            `(B, T)`, `target` shifted left, ending with the end symbol; all int32 padded with 0;
            `sample_weight` float32 `(B, T)`, 1 for a real token of `y`.

        Raises:
            ValueError: for none or both of the sizes, an unknown `too_long`, a size or length
                too small, when no pair is left, or for a tokenizer that keeps white space and
                pairs that do not.
        """
        limits = check_sizes(tokens_per_batch, batch_size, max_length, too_long)
        self.check_whitespace(source_tokenizer, target_tokenizer)
        return pair_batches(
            self.strings(), self.count, source_tokenizer, target_tokenizer,
            tokens_per_batch, batch_size, limits, too_long == "truncate", cache,
            shuffle_buffer if shuffle else 0, seed, symbols,
        )  # fmt: skip
