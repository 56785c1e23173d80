"""Pairs of lines: a text and its translation."""

import itertools

import tensorflow as tf

from kerasseq.data.lines import count_lines, line_dataset, read_lines
from kerasseq.data.pair_batches import pair_batches
from kerasseq.text.normalize import normalize, normalize_graph


class ParallelText:
    """Source lines and their targets, streamed from disk or held in memory.

    Make one with `from_files`, `from_tsv`, `from_pairs` or `from_lists`. Iterating yields
    `(source, target)` pairs of cleaned str (see `kerasseq.text.normalize`).

    Args:
        count: int, pairs.
        raw_pairs: function without arguments to an iterator of pairs of bytes or str.
        strings: function without arguments to a `tf.data.Dataset` of pairs of strings.
    """

    def __init__(self, count, raw_pairs, strings):
        self.count = count
        self.raw_pairs = raw_pairs
        self.strings = strings

    @classmethod
    def from_files(cls, source_path, target_path):
        """Two line-aligned files, plain or `.gz`, streamed at every use.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file or files of unequal length.
        """
        paths = source_path, target_path
        counts = [count_lines(path) for path in paths]
        if counts[0] != counts[1]:
            raise ValueError(
                f"Expected files of equal length; received {counts[0]} lines in "
                f"{source_path} and {counts[1]} in {target_path}. Align them line by line."
            )
        return cls(
            counts[0],
            lambda: zip(*map(read_lines, paths), strict=True),
            lambda: tf.data.Dataset.zip(*map(line_dataset, paths)),
        )

    @classmethod
    def from_tsv(cls, path, source_column=0, target_column=1):
        """A tab-separated file, plain or `.gz`; other columns are ignored.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a row with too few columns, or a negative column.
        """
        if min(source_column, target_column) < 0:
            raise ValueError(
                f"Expected columns counted from 0; received {source_column} and {target_column}. "
                "Name columns of the file."
            )
        wanted = max(source_column, target_column) + 1
        count = count_lines(path)
        for number, line in enumerate(read_lines(path), 1):
            columns = line.count(b"\t") + 1
            if columns < wanted:
                raise ValueError(
                    f"Expected at least {wanted} tab-separated columns in row {number} of {path}; "
                    f"received {columns}. Mend the row, or name other columns."
                )

        def pairs():
            for line in read_lines(path):
                columns = line.split(b"\t")
                yield columns[source_column], columns[target_column]

        def pick(line):
            columns = tf.strings.split(line, "\t")
            return columns[source_column], columns[target_column]

        return cls(count, pairs, lambda: line_dataset(path).map(pick))

    @classmethod
    def from_pairs(cls, pairs):
        """An iterable of `(source, target)` str pairs, held in memory.

        Raises:
            ValueError: for no pair, or an item that is not two str.
        """
        pairs = list(pairs)
        if not pairs:
            raise ValueError("Expected at least one pair of lines; received none. Check the list.")
        for number, pair in enumerate(pairs, 1):
            if isinstance(pair, str) or len(pair) != 2 or not all(isinstance(t, str) for t in pair):
                raise ValueError(
                    f"Expected pairs of two str; received {pair!r:.80} as pair {number}. Give "
                    "(source, target) tuples."
                )
        encoded = [tuple(text.encode("utf-8", "surrogatepass") for text in pair) for pair in pairs]
        sources, targets = map(list, zip(*encoded, strict=True))
        return cls(
            len(pairs),
            lambda: iter(encoded),
            lambda: tf.data.Dataset.from_tensor_slices((sources, targets)),
        )

    @classmethod
    def from_lists(cls, sources, targets):
        """A list of source str and a list of target str, held in memory.

        Raises:
            ValueError: for lists of unequal length, or as `from_pairs`.
        """
        sources, targets = list(sources), list(targets)
        if len(sources) != len(targets):
            raise ValueError(
                f"Expected lists of equal length; received {len(sources)} sources and "
                f"{len(targets)} targets. Align them line by line."
            )
        return cls.from_pairs(zip(sources, targets, strict=True))

    def __len__(self):
        return self.count

    def __iter__(self):
        return ((normalize(source), normalize(target)) for source, target in self.raw_pairs())

    def sources(self):
        """Iterates over the source lines."""
        return (source for source, _ in self)

    def targets(self):
        """Iterates over the target lines."""
        return (target for _, target in self)

    def reversed(self):
        """The same pairs in the other direction."""
        return ParallelText(
            self.count,
            lambda: ((target, source) for source, target in self.raw_pairs()),
            lambda: self.strings().map(lambda source, target: (target, source)),
        )

    def take(self, count):
        """The first `count` pairs."""
        return ParallelText(
            min(count, self.count),
            lambda: itertools.islice(self.raw_pairs(), count),
            lambda: self.strings().take(count),
        )

    def with_joined(self, most):
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

        def strings():
            data = self.strings()
            for n in groups:
                runs = self.strings().batch(n, drop_remainder=True)
                joined = runs.map(
                    lambda source, target: tuple(
                        tf.strings.reduce_join(normalize_graph(side), separator=" ")
                        for side in (source, target)
                    )
                )
                data = data.concatenate(joined)
            return data

        return ParallelText(self.count + sum(self.count // n for n in groups), pairs, strings)

    def batches(
        self,
        source_tokenizer,
        target_tokenizer,
        tokens_per_batch=None,
        batch_size=None,
        shuffle=False,
        seed=0,
        max_length=100,
        too_long="drop",
        cache=False,
        shuffle_buffer=50_000,
    ):
        """Tokenised, bucketed and padded batches for `model.fit`.

        Pairs are bucketed by both lengths into few shapes (see `Buckets`), which are chosen
        from the first 50,000 pairs. A bucket's last, partial batch is filled with rows of
        padding, so that no other shape occurs. Pairs with an empty side are dropped.

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

        return pair_batches(
            self.strings(),
            self.count,
            source_tokenizer,
            target_tokenizer,
            tokens_per_batch,
            batch_size,
            max_length,
            too_long == "truncate",
            cache,
            shuffle_buffer if shuffle else 0,
            seed,
        )
