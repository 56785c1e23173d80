"""Pairs of lines: a text and its translation."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from kerasseq.data.corpus import Corpus
from kerasseq.data.lines import count_lines, read_lines
from kerasseq.data.pair_batches import check_sizes, pair_batches
from kerasseq.data.row_texts import texts_of_row
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.data.string_dataset import string_dataset
from kerasseq.data.tables import Table
from kerasseq.text.checks import check_lines, check_pair, read_text
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.text.tokenizer import Tokenizer


class ParallelText(Corpus):
    """Source lines and their targets, streamed from disk or held in memory.

    Make one with `from_files`, `from_csv`, `from_tsv`, `from_pairs` or `from_lists`. Iterating
    yields `(source, target)` pairs of cleaned str (see `kerasseq.text.normalize`).

    Args:
        count: int, pairs.
        raw_pairs: function without arguments to an iterator of pairs of str.
    """

    unit = "pairs"

    def __init__(self, count: int, raw_pairs: Callable[[], Iterator[tuple[str, str]]]) -> None:
        self.count = count
        self.raw_pairs = raw_pairs

    @classmethod
    def from_files(
        cls, source_path: AnyPath, target_path: AnyPath, *, encoding: str = "utf-8"
    ) -> typing.Self:
        """Two line-aligned files, plain or `.gz`, streamed at every use.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, files of unequal length, or text in another encoding.
        """
        paths = source_path, target_path
        counts = [count_lines(path, encoding) for path in paths]
        if counts[0] != counts[1]:
            raise ValueError(
                f"Expected files of equal length; received {counts[0]} lines in "
                f"{source_path} and {counts[1]} in {target_path}. Align them line by line."
            )
        return cls(
            counts[0], lambda: zip(*(read_lines(path, encoding) for path in paths), strict=True)
        )

    @classmethod
    def from_tsv(
        cls,
        path: AnyPath,
        source_column: int | str = 0,
        target_column: int | str = 1,
        *,
        header: bool | None = None,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A tab-separated file without quotes; the rest is as in `from_csv`."""
        return cls.from_csv(
            path,
            source_column,
            target_column,
            delimiter="\t",
            header=header,
            quotes=False,
            encoding=encoding,
        )

    @classmethod
    def from_csv(
        cls,
        path: AnyPath,
        source_column: int | str = 0,
        target_column: int | str = 1,
        *,
        delimiter: str = ",",
        header: bool | None = None,
        quotes: bool = True,
        check_quotes: bool = True,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A table, plain or `.gz`, streamed at every use; other columns are ignored.

        Args:
            path: path of the file.
            source_column: int, from 0, or str, a name in the first row.
            target_column: the same.
            delimiter: str, one character.
            header: bool, the first row names the columns. By default it does when a column is
                given by name, or when both columns' first rows are words such as "source".
            quotes: bool, `"` is a quote: a field in quotes may hold delimiters and line breaks.
            check_quotes: bool, refuse a field in quotes whose lines look like rows.
            encoding: str.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a column that is not there, a row with more or fewer
                columns than the first, a stray quote, or text in another encoding.
        """
        columns = source_column, target_column
        table = Table(path, delimiter, encoding, header, quotes, check_quotes, columns)
        source, target = map(table.place, columns)
        count = sum(1 for _ in table.rows(watch=True))
        if not count:
            raise ValueError(
                f"Expected at least one pair in {path}; received a first row of names alone. "
                "Check the file, or pass header=False."
            )
        return cls(count, lambda: ((row[source], row[target]) for _, row in table.rows()))

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[typing.Any], *, source: str | None = None, target: str | None = None
    ) -> typing.Self:
        """An iterable of `(source, target)` str pairs, held in memory.

        Args:
            pairs: iterable of pairs of str; or of mappings, as data sets have: `{"en": …, "de":
                …}`, or `{"translation": {"en": …, "de": …}}`.
            source, target: str, the keys of such a mapping.

        Raises:
            ValueError: for no pair, an item that is not two str, or a mapping without the keys.
        """
        pairs = [
            texts_of_row(pair, (source, target), f"pair {number}", "source=… and target=…")
            for number, pair in enumerate(check_lines(pairs, rows=True), 1)
        ]
        if not pairs:
            raise ValueError("Expected at least one pair of lines; received none. Check the list.")
        for number, pair in enumerate(pairs, 1):
            check_pair(pair, f"pair {number}")
        held = [tuple(map(read_text, pair)) for pair in pairs]
        return cls(len(held), lambda: iter(held))

    @classmethod
    def from_lists(cls, sources: Iterable[str], targets: Iterable[str]) -> typing.Self:
        """A list of source str and a list of target str, held in memory.

        Raises:
            ValueError: for lists of unequal length, or as `from_pairs`.
        """
        sources, targets = list(check_lines(sources)), list(check_lines(targets))
        if len(sources) != len(targets):
            raise ValueError(
                f"Expected lists of equal length; received {len(sources)} sources and "
                f"{len(targets)} targets. Align them line by line."
            )
        return cls.from_pairs(zip(sources, targets, strict=True))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((normalize(source), normalize(target)) for source, target in self.raw_pairs())

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
        return ParallelText(
            self.count, lambda: ((target, source) for source, target in self.raw_pairs())
        )

    def take(self, count: int) -> ParallelText:
        """The first `count` pairs."""
        return ParallelText(
            min(count, self.count), lambda: itertools.islice(self.raw_pairs(), count)
        )

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
            ParallelText(
                int(part.sum()), lambda part=part: itertools.compress(self.raw_pairs(), part)
            )
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

        return ParallelText(self.count + sum(self.count // n for n in groups), pairs)

    def batches(
        self,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        *,
        tokens_per_batch: int | None = None,
        batch_size: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
        max_length: int = 100,
        too_long: typing.Literal["drop", "truncate"] = "drop",
        cache: bool = False,
        shuffle_buffer: int = 50_000,
    ) -> Batches:
        """Tokenised, bucketed and padded batches for `model.fit`.

        Pairs are bucketed by both lengths into few shapes (see `Buckets`), which are chosen
        from the first 50,000 pairs. A bucket's last, partial batch is filled with rows of
        padding, so that no other shape occurs. Pairs with an empty side are dropped. What is
        dropped or cut is logged; more than 1 % of the pairs is a warning.

        Args:
            source_tokenizer: Tokenizer.
            target_tokenizer: Tokenizer.
            tokens_per_batch: int, the most padded tokens of the longer side in a batch.
            batch_size: int, pairs in a batch; give this or `tokens_per_batch`.
            shuffle: bool, another order every epoch.
            seed: int, of the order.
            max_length: int, the longest side in tokens, with the end symbol.
            too_long: "drop" or "truncate" longer pairs.
            cache: bool, keep the token ids in memory after the first epoch.
            shuffle_buffer: int, pairs among which the next is drawn.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `source` `(B, S)`, ids
            ending with the end symbol, and `target` `(B, T)`, ids beginning with the start
            symbol; `y` `(B, T)`, `target` shifted left, ending with the end symbol; all int32
            padded with 0; `sample_weight` float32 `(B, T)`, 1 for a real token of `y`.

        Raises:
            ValueError: for none or both of the sizes, an unknown `too_long`, a size or length
                too small, or when no pair is left.
        """
        check_sizes(tokens_per_batch, batch_size, max_length, too_long)
        return pair_batches(
            self.strings(), self.count, source_tokenizer, target_tokenizer,
            tokens_per_batch, batch_size, max_length, too_long == "truncate", cache,
            shuffle_buffer if shuffle else 0, seed,
        )  # fmt: skip
