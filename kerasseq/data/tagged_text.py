"""Sentences of words, each word with a tag."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral

import numpy as np

from kerasseq.data.corpus import Corpus
from kerasseq.data.encodings import watched
from kerasseq.data.labels import warn_of_alike
from kerasseq.data.length_buckets import token_batches
from kerasseq.data.lines import read_lines
from kerasseq.data.records import columns_of, json_lines, numbered, parquet_rows
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.lazily import tf
from kerasseq.text.checks import check_lines, read_text
from kerasseq.text.normalize import normalize

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath

# A line with a tab is cut at tabs alone: its words may hold spaces.
TABS, SPACES = re.compile(" *\t[\t ]*"), re.compile(" +")
BEGINS_DOCUMENT = "-DOCSTART-"


class TaggedText(Corpus):
    """Sentences as lists of words and lists of tags, in memory.

    Args:
        sentences: list of lists of str.
        tags: list of lists of str, as long each.

    Raises:
        ValueError: without a sentence, for one that is not cut into words, or when tags and words
            differ in number.
    """

    unit = "sentences"
    headings: tuple[str, ...] = ("words", "tags")

    def __init__(self, sentences: Iterable[Iterable[str]], tags: Iterable[Iterable[str]]) -> None:
        self.sentences: list[list[str]] = list(
            watched(_rows(sentences), "the sentences", " ".join, "sentence")
        )
        self.tags: list[list[str]] = list(_rows(tags))
        if any("" in row for row in self.tags):
            raise ValueError(
                "Expected a tag for each word; received an empty one. Name it, or give O."
            )
        pairs = zip(self.sentences, self.tags, strict=False)
        wrong = [i for i, (words, row) in enumerate(pairs) if len(words) != len(row)]
        if len(self.sentences) != len(self.tags) or not self.sentences or wrong:
            raise ValueError(
                "Expected a tag for each word of at least one sentence; received "
                f"{len(self.sentences)} sentences and {len(self.tags)} rows of tags"
                + (f", unequal in sentence {wrong[0] + 1}" if wrong else "")
                + ". Align them."
            )
        warn_of_alike(self.tag_names(), "tags")

    @classmethod
    def from_conll(
        cls, path: AnyPath, word_column: int = 0, tag_column: int = -1, *, encoding: str = "utf-8"
    ) -> typing.Self:
        """A CoNLL file, plain or `.gz`: a word a line, columns cut at tabs or at spaces, an empty
        line after each sentence. A line whose word is `-DOCSTART-` begins a document, and is no
        sentence.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a line with too few columns or other ones than the first has, as a
                comment is, an empty file, or text in another encoding.
        """
        places = word_column, tag_column
        wanted = max(2, *(place + 1 if place >= 0 else -place for place in places))
        sentences, tags, first = [[]], [[]], None
        for number, line in enumerate(watched(read_lines(path, encoding), path), 1):
            cut = TABS if "\t" in line.strip() else SPACES
            columns = cut.split(line.strip()) if normalize(line) else []
            if 0 < len(columns) < wanted:
                raise ValueError(
                    f"Expected at least {wanted} columns, a word and its tag among them, in line "
                    f"{number} of {path}; received {line!r:.60}. Mend the line, or name other "
                    "columns."
                )
            if columns and columns[word_column] == BEGINS_DOCUMENT:
                columns = []
            first = first or (columns and (number, cut, len(columns)))
            if columns and first[1:] != (cut, len(columns)):
                raise ValueError(
                    f"Expected {first[2]} columns cut at {'tabs' if first[1] is TABS else 'spaces'}"
                    f", as in line {first[0]}, in line {number} of {path}; received {line!r:.60}. "
                    "Mend the line, or delete it if it is a comment."
                )
            if columns:
                sentences[-1].append(columns[word_column])
                tags[-1].append(columns[tag_column])
            elif sentences[-1]:
                sentences.append([])
                tags.append([])
        kept = [i for i, words in enumerate(sentences) if words]
        if not kept:
            raise ValueError(
                f"Expected at least one sentence in {path}; received none. Check how the file was "
                "made."
            )
        return cls([sentences[i] for i in kept], [tags[i] for i in kept])

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, typing.Any]],
        words: str,
        tags: str,
        *,
        tag_names: Sequence[str] | None = None,
    ) -> typing.Self:
        """Rows that are mappings, as data sets have (`{"tokens": […], "tags": […]}`), or a table.

        Args:
            rows: iterable of mappings, or a table, as a pandas DataFrame.
            words: str, the key of the words, a list of str.
            tags: str, the key of their tags, a list of str; of int with `tag_names`.
            tag_names: list of str, the tag of each number.

        Raises:
            ValueError: for a row without the keys, one that is not cut into words, other words
                or tags, or a number without a name.
        """
        return cls._from_records(numbered(rows), (words, tags), tag_names)

    @classmethod
    def from_jsonl(
        cls,
        path: AnyPath,
        words: str,
        tags: str,
        *,
        tag_names: Sequence[str] | None = None,
        encoding: str = "utf-8",
    ) -> typing.Self:
        """A file of JSON Lines, an object a line, plain or `.gz`; the rest is as in `from_rows`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a line that is no JSON object or has a key twice, text
                in another encoding, or as `from_rows`.
        """
        return cls._from_records(json_lines(path, encoding), (words, tags), tag_names, path)

    @classmethod
    def from_parquet(
        cls, path: AnyPath, words: str, tags: str, *, tag_names: Sequence[str] | None = None
    ) -> typing.Self:
        """A Parquet file; the rest is as in `from_rows`.

        Raises:
            ImportError: without `pyarrow`.
            FileNotFoundError: for a missing file.
            ValueError: for another or a damaged file, or as `from_rows`.
        """
        return cls._from_records(parquet_rows(path, (words, tags)), (words, tags), tag_names, path)

    @classmethod
    def _from_records(cls, records, keys, tag_names, path=None):
        sentences, tags = [], []
        for where, found in columns_of(records, keys, "words=… and tags=…", path):
            words, row = (
                list(check_lines(each, what=f"str as {key!r} in {where}"))
                for each, key in zip(found, keys, strict=True)
            )
            if tag_names is not None:
                row = [_named(tag, tag_names, where) for tag in row]
            sentences.append([read_text(word, f"a word in {where}") for word in words])
            tags.append([read_text(tag, f"a tag in {where}") for tag in row])
            if len(words) != len(row):
                raise ValueError(
                    f"Expected a tag for each word in {where}; received {len(words)} words and "
                    f"{len(row)} tags. Align them."
                )
        return cls(sentences, tags)

    def __len__(self) -> int:
        return len(self.sentences)

    def __iter__(self) -> Iterator[tuple[list[str], list[str]]]:
        return zip(self.sentences, self.tags, strict=True)

    def split(
        self, share: float, *, seed: int = 0, disjoint: bool = False
    ) -> tuple[typing.Self, typing.Self]:
        """A part to train on and one held out, drawn by a seed.

        Args:
            share: float above 0 and below 1, of the sentences that are held out.
            seed: int.
            disjoint: bool, no sentence stands in both parts.

        Returns:
            two TaggedText, in an order that the seed draws.

        Raises:
            ValueError: for another share, or when a part stays empty.
        """
        groups = groups_of_texts((text,) for text in self.words()) if disjoint else None
        return tuple(
            type(self)([self.sentences[i] for i in part], [self.tags[i] for i in part])
            for part in split_rows(len(self), share, seed, groups=groups)
        )

    def words(self) -> Iterator[str]:
        """Iterates over the sentences as str, words joined with a space."""
        return (" ".join(words) for words in self.sentences)

    def tag_names(self) -> list[str]:
        """The tags that occur, sorted, "O" first: a list of str."""
        return sorted({tag for row in self.tags for tag in row}, key=lambda tag: (tag != "O", tag))

    def batches(
        self,
        encode: Callable[[list[str]], tuple[Sequence[int], Sequence[int]]],
        tag_names: Sequence[str],
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Batches:
        """Padded batches for `model.fit`.

        Args:
            encode: function from a list of words to a row of ids and the places in it of the
                words' first tokens, `TokenClassifier.row`.
            tag_names: list of `L` str, the tag of each number.
            batch_size: int.
            shuffle: bool, another order every epoch.
            seed: int, of the order.

        Returns:
            `tf.data.Dataset` of `(x, y, sample_weight)`: `x` a dict of `tokens` int32
            `(B, S)`, padded with 0; `y` int32 `(B, S)`, numbers of tags; `sample_weight`
            float32 `(B, S)`, 1 at the first token of a word.

        Raises:
            ValueError: for a tag without a number.
        """
        numbers = {name: number for number, name in enumerate(tag_names)}
        unknown = next((tag for row in self.tags for tag in row if tag not in numbers), None)
        if unknown is not None:
            raise ValueError(
                f"Expected tags of {', '.join(tag_names)}; received {unknown!r}. Add it to the "
                "list."
            )
        ids, targets, weights = [], [], []
        for words, tags in self:
            row, places = encode(words)
            target, weight = np.zeros(len(row), "int32"), np.zeros(len(row), "float32")
            target[places] = [numbers[tag] for tag in tags[: len(places)]]
            weight[places] = 1.0
            ids.append(row)
            targets.append(target)
            weights.append(weight)
        parts = tf.ragged.constant(targets, tf.int32), tf.ragged.constant(weights, tf.float32)
        return token_batches(ids, *parts, batch_size=batch_size, shuffle=shuffle, seed=seed)


def _named(tag, names, where):
    """The name of a tag's number."""
    if not isinstance(tag, Integral) or isinstance(tag, bool) or not 0 <= tag < len(names):
        raise ValueError(
            f"Expected tags of 0 to {len(names) - 1}, the numbers of tag_names, in {where}; "
            f"received {tag!r:.60}. Give the names that the data has."
        )
    return names[tag]


def _rows(given):
    """Yields lists of words, or of tags, cleaned; refuses a sentence that is not cut."""
    for number, row in enumerate(check_lines(given), 1):
        where = f"a word or tag in sentence {number}"
        yield [normalize(read_text(word, where)) for word in check_lines(row)]
