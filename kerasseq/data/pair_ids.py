"""The token ids of pairs, tokenised once, flat in memory or in the files of a folder."""

from __future__ import annotations

import contextlib
import io
import json
import mmap
import pathlib
import typing

import numpy as np

from kerasseq.data.pair_plan import PairPlan
from kerasseq.data.pair_sizes import PairSizes
from kerasseq.data.part_weights import times_read
from kerasseq.files import new_folder, write_file
from kerasseq.lazily import tf
from kerasseq.manifest import check_manifest, write_manifest
from kerasseq.untrusted import read_json

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasseq.data.guiding_links import GuidingLinks
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.processing.symbols import PairSymbols
    from kerasseq.text.tokenizer import Tokenizer

LINES_A_CALL = 512
IDS, LENGTHS, ABOUT = "ids.bin", "lengths.bin", "prepared.json"
FILES = IDS, LENGTHS, ABOUT


class PairIds:
    """The ids of all pairs, a source's and its target's one after the other.

    A pair takes 16 bytes and 2 for each token (4 with a vocabulary of more than 65,536). Of ids in
    a folder only the lengths are in memory: processes that open one folder share its pages.

    Args:
        ids: uint16 or int32 array `(Σ lengths,)`, in memory or a `np.memmap`.
        lengths: int32 array `(N, 2)`, tokens of each side, without symbols.
        source_tokenizer, target_tokenizer: Tokenizer that they are of.
        parts: int list, pairs of each part of the corpus; None for one part.

    Attributes:
        links: GuidingLinks of the pairs, which batches then have too; None without.
    """

    links: GuidingLinks | None = None

    def __init__(
        self,
        ids: np.ndarray,
        lengths: np.ndarray,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        parts: Sequence[int] | None = None,
    ) -> None:
        self.parts: list[int] = list(parts or [len(lengths)])
        self.source_tokenizer = source_tokenizer
        self.target_tokenizer = target_tokenizer
        self.ids = ids
        self.lengths = lengths
        self._begins = np.zeros(len(lengths) + 1, "int64")
        np.cumsum(lengths.sum(axis=1, dtype="int64"), out=self._begins[1:])

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def encode(
        cls,
        strings: tf.data.Dataset[typing.Any],
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        parts: Sequence[int] | None = None,
    ) -> PairIds:
        """Tokenises pairs of strings into memory."""
        tokenizers = source_tokenizer, target_tokenizer
        with io.BytesIO() as ids, io.BytesIO() as lengths:
            _write(strings, tokenizers, ids, lengths)
            found = ids.getvalue(), lengths.getvalue()
        flat, sizes = map(np.frombuffer, found, (_dtype(*tokenizers), "int32"))
        return cls(flat, sizes.reshape(-1, 2), *tokenizers, parts)

    @classmethod
    def write(
        cls,
        folder: AnyPath,
        strings: tf.data.Dataset[typing.Any],
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        parts: Sequence[int] | None = None,
        depends_on: dict[str, str] | None = None,
    ) -> PairIds:
        """Tokenises pairs of strings into the files of a new folder, whole or not at all.

        Args:
            folder: path.
            strings: `tf.data.Dataset` of pairs of strings.
            source_tokenizer, target_tokenizer: Tokenizer.
            parts: int list, pairs of each part of the corpus; None for one part.
            depends_on: dict from what the pairs depend on to its hash or name, which `open`
                compares, as it does the tokenizers.

        Raises:
            FileExistsError: when there is something at the path.
        """
        tokenizers = source_tokenizer, target_tokenizer
        with new_folder(folder) as beside:
            with (beside / IDS).open("wb") as ids, (beside / LENGTHS).open("wb") as lengths:
                pairs = _write(strings, tokenizers, ids, lengths)
            about = {
                "dtype": _dtype(*tokenizers),
                "parts": list(parts or [pairs]),
                "depends_on": _depends_on(*tokenizers, depends_on),
            }
            write_file(beside / ABOUT, json.dumps(about, indent=1) + "\n")
            write_manifest(beside, FILES)
        return cls.open(folder, *tokenizers, depends_on)

    @classmethod
    def open(
        cls,
        folder: AnyPath,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        depends_on: dict[str, str] | None = None,
    ) -> PairIds:
        """Opens what `write` wrote; arguments as there.

        Raises:
            ValueError: for ids of something else, by the name of what differs, or damaged ones.
        """
        folder = pathlib.Path(folder)
        check_manifest(folder)
        found = read_json(folder / ABOUT, folder=folder)
        before = found["depends_on"]
        now = _depends_on(source_tokenizer, target_tokenizer, depends_on)
        for name in sorted({*before, *now}):
            if before.get(name) != now.get(name):
                raise ValueError(
                    f"Expected ids in {folder} of {name} {now.get(name, 'none'):.200}; received "
                    f"those of {before.get(name, 'none'):.200}. Remove the folder to prepare it "
                    "again, or name another."
                )
        kind = np.dtype(found["dtype"])
        lengths = np.fromfile(folder / LENGTHS, "int32").reshape(-1, 2)
        size = lengths.sum(dtype="int64") * kind.itemsize
        whole = (folder / IDS).stat().st_size == size and lengths.min(initial=0) >= 0
        if not whole or sum(found["parts"]) != len(lengths):
            raise ValueError(
                f"Expected {sum(found['parts'])} pairs and {size} bytes of ids in {folder}; "
                f"received {len(lengths)} and {(folder / IDS).stat().st_size}. Remove the folder, "
                "and prepare it again."
            )
        # An empty file cannot be mapped.
        ids = np.memmap(folder / IDS, kind, mode="r") if size else np.empty(0, kind)
        return cls(ids, lengths, source_tokenizer, target_tokenizer, found["parts"])

    def plan(
        self,
        *,
        shuffle: bool = False,
        seed: int = 0,
        weights: Sequence[float] | None = None,
        temperature: float | None = None,
        share: tuple[int, int] = (0, 1),
        **sizes: typing.Any,
    ) -> PairPlan:
        """Plans batches; arguments as of `ParallelText.batches`, without `cache` and its buffer.

        Args:
            share: pair of int, `i` from 0 and `n`: of each batch, this one of `n` processes that
                train as one makes a part of the rows, and reads no other. A part may be padding.
            **sizes: of batches, which count all parts.

        Raises:
            ValueError: for sizes of which each process cannot have as many rows, or no such share.
        """
        if not 0 <= share[0] < share[1]:
            raise ValueError(
                f"Expected a share (i, n), one of n processes counted from 0; received {share}. "
                "For instance (0, 2) and (1, 2)."
            )
        times = times_read(self.parts, weights, temperature)
        sizes = PairSizes(**sizes, multiple=share[1])
        return PairPlan(self, sizes, seed if shuffle else None, times, share)

    def batches(self, **options: typing.Any) -> Batches:
        """Padded batches for `model.fit`; arguments as of `plan`."""
        return self.plan(**options).batches()

    def take(
        self,
        rows: np.ndarray,
        widths: tuple[int, int],
        limits: tuple[int, int],
        symbols: PairSymbols,
    ) -> tuple[np.ndarray, ...]:
        """Pads the ids of some pairs, with the symbols around them.

        Args:
            rows: int array `(B,)`.
            widths: int pair `(S, T)`, padded lengths of the source and the target.
            limits: int pair, tokens with the end symbol to which longer sides are cut.
            symbols: PairSymbols, of which those around the source are added.

        Returns:
            int32 arrays `(B, S)` and `(B, T)`, padded with 0; with `links` also float32
            `(B, P + T, S)`, with the `P` symbols of a target's prefix.
        """
        rows = np.asarray(rows)
        lengths = self.lengths[rows]  # (B, 2)
        begins = self._begins[rows]  # (B,)
        ends = self.source_tokenizer.end_id, self.target_tokenizer.end_id
        behind = (ends[0], *symbols.source_behind), ends[1:]
        before = symbols.source_before, ()
        found = []
        for side, begin in enumerate((begins, begins + lengths[:, 0])):
            kept = np.minimum(lengths[:, side], limits[side] - 1)  # (B,)
            ids = np.zeros((len(rows), widths[side]), "int32")
            ids[:, : len(before[side])] = before[side]
            inner = ids[:, len(before[side]) :]  # (B, W)
            place = np.arange(inner.shape[1])  # (W,)
            real = place < kept[:, None]  # (B, W)
            inner[real] = self.ids[(begin[:, None] + place)[real]]
            for further, symbol in enumerate(behind[side]):
                inner[np.arange(len(rows)), kept + further] = symbol
            found.append(ids)
        self._give_back()
        if self.links is None:
            return tuple(found)
        kept = np.minimum(lengths, np.array(limits) - 1)
        begun = len(symbols.source_before), len(symbols.prefix)
        shape = widths[0], widths[1] + begun[1]
        return *found, self.links.take(rows, shape, kept, begun)

    def _give_back(self):
        """Gives back the pages that were read, which else count as the process' memory: of a large
        file soon all. They stay in the system's cache."""
        if isinstance(self.ids, np.memmap):
            with contextlib.suppress(AttributeError):  # where the system has no such advice
                self.ids._mmap.madvise(mmap.MADV_DONTNEED)


def _depends_on(source_tokenizer, target_tokenizer, further):
    """What ids are of: the SHA-256 of each tokenizer, and what else is named."""
    tokenizers = {
        "the source tokenizer": source_tokenizer,
        "the target tokenizer": target_tokenizer,
    }
    return {name: each.sha256() for name, each in tokenizers.items()} | (further or {})


def _dtype(*tokenizers):
    """The smallest kind of number that holds all ids."""
    size = max(each.vocabulary_size for each in tokenizers)
    return "uint16" if size <= 2**16 else "int32"


def _write(strings, tokenizers, ids, lengths):
    """Writes the ids and the lengths of pairs of strings into files; returns how many pairs."""
    kind, pairs = _dtype(*tokenizers), 0
    for flat, sizes in _encoded(strings, tokenizers):
        ids.write(flat.astype(kind).tobytes())
        lengths.write(sizes.astype("int32").tobytes())
        pairs += len(sizes)
    return pairs


def _encoded(strings, tokenizers) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the ids of several pairs `(Σ lengths,)`, and their lengths `(B, 2)`."""

    def encode(*texts):
        sides = [each.tokenize(lines) for each, lines in zip(tokenizers, texts, strict=True)]
        lengths = tf.stack([side.row_lengths() for side in sides], axis=1)
        return tf.concat(sides, axis=1).flat_values, lengths

    calls = strings.batch(LINES_A_CALL).map(encode, num_parallel_calls=tf.data.AUTOTUNE)
    return calls.prefetch(2).as_numpy_iterator()
