"""Pairs of lines: a text and its translation."""

from __future__ import annotations

import copy
import itertools
import pathlib
import typing
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerasseq.data.guiding_links import GuidingLinks
from kerasseq.data.pair_batches import check_streams, streamed_batches
from kerasseq.data.pair_ids import PairIds
from kerasseq.data.pair_plan import PairPlan
from kerasseq.data.pair_readers import PairReaders
from kerasseq.data.pair_sizes import PairSizes
from kerasseq.data.part_weights import times_read
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.data.string_dataset import string_dataset
from kerasseq.data.word_alignments import USUAL_WEIGHT, WordAlignments
from kerasseq.processing.symbols import PLAIN, PairSymbols
from kerasseq.text.checks import check_samples_nothing, check_whole

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.text.tokenizer import Tokenizer


class ParallelText(PairReaders):
    """Source lines and their targets, streamed from disk or held in memory.

    Make one with `from_files`, `from_csv`, `from_tsv`, `from_jsonl`, `from_parquet`, `from_pairs`
    or `from_lists`, and iterate over its cleaned pairs (`PairReaders`).

    Args:
        count: int, pairs.
        raw_pairs: function without arguments to an iterator of pairs of str.

    Attributes:
        alignments: WordAlignments of its pairs, see `with_alignments`; None without.
    """

    alignments: WordAlignments | None = None

    @property
    def parts(self) -> tuple[int, ...]:
        """The pairs of each corpus that `concatenate` put together; of others, of the one."""
        return self._parts or (self.count,)

    _parts: tuple[int, ...] = ()

    @classmethod
    def concatenate(cls, corpora: Iterable[ParallelText]) -> ParallelText:
        """One corpus of several, one after the other, which `batches` may weigh.

        Args:
            corpora: iterable of ParallelText, all with their white space or all without.
                Where some have alignments, the pairs of the others have no link.

        Raises:
            ValueError: for none, when some keep white space and some do not, or for alignments of
                different weights.
        """
        corpora = list(corpora)
        if len({each.keep_whitespace for each in corpora}) != 1:
            raise ValueError(
                "Expected corpora that all keep white space, or none of which does; received "
                f"{[each.keep_whitespace for each in corpora]}. Call with_whitespace() of all."
            )
        found = cls(
            sum(map(len, corpora)),
            lambda: itertools.chain.from_iterable(each.raw_pairs() for each in corpora),
        )
        found._parts = tuple(map(len, corpora))
        found.keep_whitespace = corpora[0].keep_whitespace
        if any(each.alignments is not None for each in corpora):
            found.alignments = WordAlignments.concatenate(
                len(each) if each.alignments is None else each.alignments for each in corpora
            )
        return found

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
            self.count,
            lambda: ((target, source) for source, target in self.raw_pairs()),
            self.alignments and self.alignments.reversed(),
        )

    def take(self, count: int) -> ParallelText:
        """The first `count` pairs."""
        check_whole("count", count, least=0)
        count = min(count, self.count)
        alignments = self.alignments and self.alignments.chosen(np.arange(self.count) < count)
        return self._of(count, lambda: itertools.islice(self.raw_pairs(), count), alignments)

    def with_alignments(
        self,
        alignments: WordAlignments | AnyPath | Iterable[str],
        weight: float = USUAL_WEIGHT,
        *,
        encoding: str = "utf-8",
    ) -> ParallelText:
        """The same pairs with word alignments, of which a model learns what to attend to.

        Its batches have `links`, and `fit` adds `weight` times `kerasseq.layers.guided_alignment`
        to the loss (Garg et al. 2019, with 0.05). Arguments as of `WordAlignments.of`.
        """
        alignments = WordAlignments.of(self, alignments, weight, encoding)
        return self._of(self.count, self.raw_pairs, alignments)

    def _of(self, count, raw_pairs, alignments=None):
        """Other pairs, read as these are, without alignments unless they have some."""
        found = copy.copy(self)
        found.count, found.raw_pairs, found.alignments = count, raw_pairs, alignments
        found._parts = self._parts if count == self.count else ()
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
        return self._chosen(~second), self._chosen(second)

    def _chosen(self, rows):
        """The pairs of some rows `(N,)`; each of the `parts` keeps its own."""
        found = self._of(
            int(rows.sum()),
            lambda: itertools.compress(self.raw_pairs(), rows),
            self.alignments and self.alignments.chosen(rows),
        )
        parts = [int(part.sum()) for part in np.split(rows, np.cumsum(self.parts)[:-1])]
        # A part of which nothing is left is none that can be weighed.
        found._parts = tuple(parts) if len(parts) > 1 and all(parts) else ()
        return found

    def with_joined(self, most: int) -> ParallelText:
        """The same pairs, and after them runs of 2 to `most` consecutive pairs as one each.

        For sentences longer than a corpus has: `(count / 2 + … + count / most)` more pairs.

        Args:
            most: int of at least 2.

        Raises:
            ValueError: for a smaller `most`, or pairs with alignments.
        """
        check_whole("most", most, least=2)
        if self.alignments:
            raise ValueError(
                f"Expected pairs without alignments; received {self!r}. Align what was joined."
            )
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
        weights: Sequence[float] | None = None,
        temperature: float | None = None,
        symbols: PairSymbols = PLAIN,
    ) -> Batches:
        """Tokenised, bucketed and padded batches for `model.fit`.

        Pairs are bucketed by both lengths into few shapes (see `Buckets`), which are chosen
        from the first 50,000 pairs; with `cache`, from as many of the whole corpus. A bucket's
        last, partial batch is filled with rows of padding, so that no other shape occurs. Pairs
        with an empty side are dropped. What is dropped or cut is logged; more than 1 % of the
        pairs is a warning.

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
            cache: bool, tokenise the corpus now, and keep its ids in memory, 16 bytes a pair and 2
                a token. Batches are then made ten times faster, and shuffled over the whole corpus.
                (Texts are kept where cuts vary.) `prepare` keeps ids on disk.
            shuffle_buffer: int, without `cache`: pairs among which the next is drawn.
            weights: float list, how often an epoch reads each of the `parts`: 1.5 is once, and half
                of each bucket, drawn anew each time, once more. With `cache` and `shuffle` alone.
            temperature: float of at least 1, in the place of weights: an epoch has as many pairs as
                the corpus, and each part a share by its size to the power of 1 / temperature.
            symbols: PairSymbols, `processor.pair_symbols` of a translator of many languages.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `source` `(B, S)`, ids
            with the end symbol, and `target` `(B, T)`, ids beginning with the start symbol; `y`
            `(B, T)`, `target` shifted left, ending with the end symbol; all int32 padded with 0;
            `sample_weight` float32 `(B, T)`, 1 for a real token of `y`. With alignments `x` has
            `links` too, float32 `(B, T, S)`.

        Raises:
            ValueError: for none or both of the sizes, an unknown `too_long`, a size or length
                too small, when no pair is left, or for a tokenizer that keeps white space and
                pairs that do not.
        """
        sizes = PairSizes(tokens_per_batch, batch_size, max_length, too_long, symbols)
        tokenizers = source_tokenizer, target_tokenizer
        self.check_whitespace(*tokenizers)
        times = times_read(self.parts, weights, temperature)
        samples = shuffle and any(each.samples for each in tokenizers)
        if cache and not samples:
            ids = PairIds.encode(self.strings(), *tokenizers, self.parts)
            if self.alignments is not None:
                ids.links = GuidingLinks(self.alignments, self, tokenizers)
            return PairPlan(ids, sizes, seed if shuffle else None, times).batches()
        check_streams(samples, {*times} != {1.0}, self.alignments is not None)
        buffer = shuffle_buffer if shuffle else 0
        return streamed_batches(self.strings(), self.count, *tokenizers, sizes, cache, buffer, seed)

    def prepare(
        self,
        folder: AnyPath,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        *,
        depends_on: dict[str, str] | None = None,
    ) -> PairIds:
        """Tokenises the corpus once, into a folder; where that is done, opens it.

        Ids in a folder take no memory but 16 bytes a pair, and several processes may read them.
        `PairIds.batches` gives the same batches as `batches` with `cache`.

        Args:
            folder: path.
            source_tokenizer, target_tokenizer: Tokenizer that do not sample.
            depends_on: dict from what the text depends on to its hash or name, such as
                `{"train.tsv": sha256}`.

        Raises:
            ValueError: for a folder with ids of other tokenizers or `depends_on`, or damaged ones;
                for tokenizers that sample, or keep white space that the pairs have lost.
        """
        tokenizers = source_tokenizer, target_tokenizer
        self.check_whitespace(*tokenizers)
        for each in tokenizers:
            check_samples_nothing(each)
        if pathlib.Path(folder).exists():
            return PairIds.open(folder, *tokenizers, depends_on)
        return PairIds.write(folder, self.strings(), *tokenizers, self.parts, depends_on)
