"""What every tokenizer does."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import types
import typing
from collections.abc import Iterable, Sequence

from kerasseq.manifest import write_all
from kerasseq.text.added_tokens import AddedTokens
from kerasseq.text.normalize import normalize, normalize_graph
from kerasseq.text.units import Unit, words_and_marks, words_and_marks_graph
from kerasseq.text.vocabulary import END_ID, PAD_ID, START_ID, UNK_ID

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.files import AnyPath


class Tokenizer:
    """Text to token ids and back, in Python and inside a TensorFlow graph, with one answer.

    `cuts_words` says whether its tokens are words that can be copied as they are, `joiners`
    whether marks among them say where no space stood (`WordTokenizer`), `keep_whitespace` whether
    white space and line breaks are tokens as they stand, `samples` whether it can cut a text
    differently by chance, to train with (`SentencePieceTokenizer`), `crosses_marks` whether a token
    may hold a mark and what stands beside it.

    A subclass gives the Python half (`tokens`, `ids`, `join`), the graph half
    (`make_graph`), and its files (`files`, `from_files`).

    No method adds symbols to a text: `kerasseq.processing` makes rows for a model. Decoding
    stops at the end symbol and drops padding and start.

    Attributes:
        pad_id, unknown_id, start_id, end_id: int, the ids of padding, of an unknown token, and
            of what begins and ends a target. Padding is 0 for every tokenizer; the others are
            1, 2 and 3 unless a vocabulary has its own (`WordPieceTokenizer`).
        lead_ids, separator_ids, close_ids: tuples of int, what stands before the first, between
            and behind the second of the texts that a text encoder reads in one row.
        mask_id: int, what stands for a token that was taken away; None without one.
        row: dict of `lead`, `separator`, `close` and `mask`, lists of tokens, as `with_row` set
            them; empty for what the kind of tokenizer has.
    """

    vocabulary: list[str]
    cuts_words: bool = False
    joiners: bool = False
    keep_whitespace: bool = False
    samples: bool = False
    crosses_marks: bool = False
    pad_id: int = PAD_ID
    unknown_id: int = UNK_ID
    start_id: int = START_ID
    end_id: int = END_ID
    lead_ids: tuple[int, ...] = ()
    separator_ids: tuple[int, ...] = (END_ID,)
    close_ids: tuple[int, ...] = ()
    mask_id: int | None = None
    row: typing.Mapping[str, Sequence[str]] = types.MappingProxyType({})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.vocabulary_size:,} tokens>"

    @property
    def vocabulary_size(self) -> int:
        """int, the number of token ids."""
        return len(self.vocabulary)

    @property
    def mask(self) -> str | None:
        """str, the token of `mask_id`; None without one."""
        return None if self.mask_id is None else self.vocabulary[self.mask_id]

    @property
    def separator_id(self) -> int:
        """int, the first id between two texts."""
        return self.separator_ids[0]

    def tokens(self, text: str | bytes) -> list[str]:
        """The tokens of one line, a list of str."""
        raise NotImplementedError(f"{type(self).__name__} must implement tokens.")

    def clean(self, text: str | bytes) -> str:
        """The normalised line that the tokens are cut from."""
        return normalize(text, keep_whitespace=self.keep_whitespace)

    def encode(self, text: str | bytes) -> list[int]:
        """One line (str, or bytes in UTF-8) to a list of int ids."""
        return self.ids(self.tokens(text))

    def encode_word(self, word: str) -> list[int]:
        """A word that stands in a sentence, to a list of int ids."""
        return self.encode(word)

    @property
    def in_units(self) -> AddedTokens:
        """AddedTokens that are units of their own, where `crosses_marks`."""
        return AddedTokens({})

    def units(self, text: str) -> list[Unit]:
        """A normalised text cut into stretches that join to it, each with its ids.

        Where `crosses_marks`, these are the ids of the whole text, and of added tokens those of
        `in_units` are found.

        Returns:
            list of `Unit`, `(text, ids)`.
        """
        return [Unit(each, self.encode(each)) for each in words_and_marks(text)]

    def decode(self, ids: Iterable[int], unknown: Sequence[str] | None = None) -> str:
        """A sequence of int ids to one line.

        Args:
            ids: sequence of int.
            unknown: sequence of str, what to write for an unknown token at each position;
                None to write the unknown token itself.
        """
        kept = []
        for position, index in enumerate(map(int, ids)):
            if index == self.end_id:
                break
            if index not in (self.pad_id, self.start_id):
                kept.append(unknown[position] if unknown and index == self.unknown_id else index)
        return self.join(kept)

    def join(self, tokens: Sequence[int | str]) -> str:
        """Token ids, and str that stand for themselves, to one line."""
        raise NotImplementedError(f"{type(self).__name__} must implement join.")

    @functools.cached_property
    def graph(self) -> tf.Module:
        """The graph half: a `tf.Module` that holds the tables, with `tokenize` and `detokenize`.

        An exporter tracks this object.
        """
        import tensorflow as tf

        with tf.init_scope():
            return self.make_graph()

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """TensorFlow strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        return self.graph.tokenize(self._clean_graph(texts))

    def tokenize_words(self, words: tf.Tensor) -> tf.RaggedTensor:
        """`encode_word` for TensorFlow strings `(N,)`: an int32 ragged tensor `(N, None)`."""
        return self.tokenize(words)

    def units_graph(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """`units` for TensorFlow strings `(B,)`: ragged strings `(B, None)`, and their ragged
        int32 ids `(B, None, None)`."""
        cut = words_and_marks_graph(texts)
        return cut, cut.with_values(self.tokenize(cut.values))

    def _clean_graph(self, texts):
        return normalize_graph(texts, keep_whitespace=self.keep_whitespace)

    def words(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """TensorFlow strings `(B,)` to what is looked up, a ragged string tensor `(B, None)`.

        These are the tokens of a word or character tokenizer, and WordPiece's whole words.

        Raises:
            ValueError: for SentencePiece, which cuts no words.
        """
        return self._word_graph().cut(self._clean_graph(texts))

    def detokenize(self, ids: tf.Tensor, unknown: tf.Tensor | None = None) -> tf.Tensor:
        """An int tensor `(B, T)` to TensorFlow strings `(B,)`; `unknown` as in `decode`.

        Raises:
            ValueError: for SentencePiece with `unknown`.
        """
        import tensorflow as tf

        ids = tf.convert_to_tensor(ids)
        ended = tf.cumsum(tf.cast(ids == self.end_id, tf.int32), axis=1) > 0
        keep = ~ended & (ids != self.pad_id) & (ids != self.start_id)
        if unknown is not None:
            graph = self._word_graph()
            words = tf.where(ids == self.unknown_id, unknown, tf.gather(graph.tokens, ids))
            return graph.join(tf.ragged.boolean_mask(words, keep))
        return self.graph.detokenize(tf.ragged.boolean_mask(ids, keep))

    def _word_graph(self):
        """The graph half, of a tokenizer that cuts and joins words."""
        if not hasattr(self.graph, "cut"):
            raise ValueError(
                f"Expected a tokenizer that cuts words; received {type(self).__name__}. Use "
                "WordTokenizer."
            )
        return self.graph

    def with_row(
        self,
        lead: Sequence[str] = (),
        separator: Sequence[str] = (),
        close: Sequence[str] = (),
        mask: Sequence[str] = (),
    ) -> typing.Self:
        """A copy for a pretrained text encoder, which reads other symbols around a text.

        Args:
            lead, separator, close: lists of tokens, before, between and behind texts; of RoBERTa
                `<s>`, twice `</s>`, and `</s>`.
            mask: list of one token or none, what stands for a token that was taken away.

        Raises:
            ValueError: for what is no token, no separator, or several masks.
        """
        row = {"lead": lead, "separator": separator, "close": close, "mask": mask}
        ids = {token: index for index, token in enumerate(self.vocabulary)}
        for name, tokens in row.items():
            listed = isinstance(tokens, list | tuple)
            few = listed and (name != "separator" or tokens) and (name != "mask" or len(tokens) < 2)
            if not few or not all(isinstance(each, str) and each in ids for each in tokens):
                raise ValueError(
                    f"Expected {name} of a row as a list of tokens of the vocabulary, of the "
                    "separator one at least, of the mask one at most; received "
                    f"{tokens!r:.80}. Name its tokens."
                )
        copied = copy.copy(self)
        copied.row = {name: list(tokens) for name, tokens in row.items()}
        copied.lead_ids, copied.separator_ids, copied.close_ids = (
            tuple(ids[token] for token in tokens) for tokens in (lead, separator, close)
        )
        copied.mask_id = ids[mask[0]] if mask else None
        return copied

    def saved_files(self) -> dict[str, bytes]:
        """What `save` writes, by its name: `files`, and `tokenizer.json` with their hashes."""
        files = self.files()
        description = {
            "class": type(self).__name__,
            "config": self.get_config(),
            **({"row": self.row} if self.row else {}),
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        }
        return files | {"tokenizer.json": (json.dumps(description, indent=1) + "\n").encode()}

    def sha256(self) -> str:
        """The SHA-256 of what the tokenizer depends on, in hexadecimal."""
        found = hashlib.sha256(json.dumps(self.get_config()).encode())
        for content in self.files().values():
            found.update(content)
        return found.hexdigest()

    def save(self, folder: AnyPath) -> None:
        """Writes `tokenizer.json` and the readable vocabulary or model file into `folder`: all or,
        where it is killed, none."""
        write_all(folder, self.saved_files())
