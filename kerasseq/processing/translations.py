"""Lines to translations."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kerasseq.processing.aligned_words import aligned_words, aligned_words_graph
from kerasseq.processing.begun import Begun, answered_begun, begun_ids, begun_lines, served_begun
from kerasseq.processing.distinct import distinct
from kerasseq.processing.glossary import batch_of_terms, missing, warn_missing
from kerasseq.processing.padding import pad
from kerasseq.processing.processor import Processor, Row, Settings, was_cut
from kerasseq.processing.symbols import (
    PairSymbols,
    asked_ids,
    given_ids,
    source_ids,
    source_ids_graph,
    target_ids,
)
from kerasseq.processing.translation import Translation
from kerasseq.processing.translation_signatures import translation_signatures
from kerasseq.text.spelling import Spelling, spelling

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.text.tokenizer import Tokenizer


class Translations(Processor):
    """Lines to what a translator reads, and what its search found to translations.

    `distinct` keeps the best of hypotheses that read alike, other pieces of one text or repeated
    samples: fewer than the search's `n_best` or `num_samples` where fewer differ.

    Args:
        source, target: Tokenizer.
        max_length: int, the most tokens of a translation; a longer target is scored up to there.
        max_source_length: int, the most tokens read of a source; a longer line is cut.
        replace_unknown: bool, writes the source word with the most attention for an unknown
            token (Luong et al. 2015, section 4.2); needs a model that attends, and words on
            both sides.
        source_before, source_behind, target_before: lists of int, the symbols of a model of many
            languages; see `PairSymbols`. They count as tokens, and stand in no answer.

    Raises:
        ValueError: for symbols that are no ids of a tokenizer, or lengths with no room beside
            them; with `replace_unknown`, for a tokenizer that cuts no words, or joiners of the
            source alone.
    """

    name = "translator"
    sides: tuple[str, ...] = ("source", "target")
    settings: typing.ClassVar[Settings] = {
        "max_length": int,
        "max_source_length": int,
        "replace_unknown": bool,
        "source_before": tuple,
        "source_behind": tuple,
        "target_before": tuple,
    }
    added: frozenset[str] = frozenset({"replace_unknown", *PairSymbols._fields})
    program: str = "translate"
    input_name: str = "source"
    output: str = "translation"
    beside: tuple[str, ...] = ("prefix", "glossary", "markup")
    remedy = "Raise max_source_length (of a .tflite file longest_source), or split the lines."

    def __init__(
        self,
        source: Tokenizer,
        target: Tokenizer,
        max_length: int = 100,
        max_source_length: int = 256,
        replace_unknown: bool = False,
        source_before: Sequence[int] = (),
        source_behind: Sequence[int] = (),
        target_before: Sequence[int] = (),
    ) -> None:
        if replace_unknown and not (source.cuts_words and target.cuts_words):
            raise ValueError(
                "Expected two word tokenizers with replace_unknown=True; received "
                f"{type(source).__name__} and {type(target).__name__}. Leave it False."
            )
        if replace_unknown and source.joiners and not target.joiners:
            raise ValueError(
                "Expected a target tokenizer with joiners, as the source's, with "
                "replace_unknown=True; received one without, which would write them. Train it "
                'with split="punctuation", or the source\'s with joiners=False.'
            )
        self.source = source
        self.target = target
        self.max_length = max_length
        self.max_source_length = max_source_length
        self.replace_unknown = replace_unknown
        self.source_before: tuple[int, ...] = tuple(source_before)
        self.source_behind: tuple[int, ...] = tuple(source_behind)
        self.target_before: tuple[int, ...] = tuple(target_before)
        lengths = {"max_source_length": max_source_length, "max_length": max_length}
        self.pair_symbols.check(source, target, lengths)

    @property
    def pair_symbols(self) -> PairSymbols:
        """The symbols around the texts of a pair, which `ParallelText.batches` takes."""
        return PairSymbols(self.source_before, self.source_behind, self.target_before)

    @property
    def symbols(self) -> dict[str, typing.Any]:
        found = {
            "start_id": self.pair_symbols.start_id(self.target),
            "end_id": self.target.end_id,
        }
        prefix = self.pair_symbols.prefix
        return found | {"prefix": prefix} if prefix else found

    @property
    def row_length(self) -> int:
        return self.max_source_length

    def source_ids(self, line: str) -> list[int]:
        """The ids of one line with the end symbol, at most `max_source_length`."""
        return self.rows(line)[0].ids

    def source_ids_graph(self, texts: tf.Tensor) -> tf.Tensor:
        """The same for strings `(B,)`: int32 ids `(B, S)`, padded with 0."""
        return self.rows_graph(self.source.tokenize(texts))

    def rows_graph(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """The rows `(B, S)` of a source's own ids, ragged int32 `(B, None)`."""
        length, symbols = self.max_source_length, self.pair_symbols
        return source_ids_graph(self.source, ids, length, symbols).to_tensor()

    @property
    def longest_target(self) -> int:
        """The most tokens of a target behind its prefix."""
        return self.max_length - len(self.pair_symbols.prefix)

    def target_ids(self, text: str) -> list[int]:
        """The ids of one target line with the end symbol, the first `longest_target` of them."""
        return target_ids(self.target, text, self.longest_target)

    def given_ids(self, following: Sequence[int]) -> list[int]:
        """What the decoder is given to answer the ids `following`, the prefix among it."""
        return given_ids(self.target, following, self.pair_symbols)

    def asked_ids(self, following: Sequence[int]) -> list[int]:
        """What the decoder should answer at each place of `given_ids`; padding in the prefix."""
        return asked_ids(following, self.pair_symbols)

    @property
    def longest_prefix(self) -> int:
        """The most tokens that are given of a translation, behind the prefix of all."""
        return self.longest_target - 1

    @classmethod
    def check(
        cls,
        inputs: typing.Any,
        prefix: typing.Any = None,
        glossary: typing.Any = None,
        markup: bool = False,
    ) -> Iterable[typing.Any]:
        """What a collection of lines holds; with what is given beside them, Begun."""
        lines = super().check(inputs)
        plain = prefix is None and glossary is None and not markup
        return lines if plain else begun_lines(lines, prefix, glossary, markup)

    @functools.cached_property
    def spelling(self) -> Spelling:
        """What the target's tokens write."""
        return spelling(self.target)

    def rows(self, given: typing.Any) -> list[typing.Any]:
        line, prefix, glossary, _ = given if isinstance(given, Begun) else Begun(given)
        ids, symbols = self.source.encode(line), self.pair_symbols
        row = source_ids(self.source, ids, self.max_source_length, symbols)
        begun = begun_ids(prefix, self.target, self.longest_prefix) if prefix else []
        cut = len(ids) + 1 + symbols.around_source - len(row)
        return [Row(row, cut, begun, glossary.asked(line, self))]

    def batch(self, rows: list[typing.Any]) -> dict[str, np.ndarray]:
        found = super().batch(rows)
        if any(row.begun for row in rows):
            found["prefix"] = pad([row.begun for row in rows])
        return found | batch_of_terms([row.terms for row in rows])

    def one(self, row: typing.Any) -> dict[str, np.ndarray]:
        found = super().one(row)
        if row.begun:
            found["prefix"] = np.zeros((1, self.longest_prefix), "int32")
            found["prefix"][0, : len(row.begun)] = row.begun
        return found

    def program_of(self, row: typing.Any) -> str:
        if any(row.terms):
            raise ValueError(
                "Expected no glossary for a .tflite file, whose search takes none; received one. "
                "Use the saved translator, or its SavedModel."
            )
        return "complete" if row.begun else self.program

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Translation]:
        (row,), (found,) = rows, outputs
        each = [self._translation(given, row, found, n) for n in range(len(found["scores"]))]
        if not isinstance(given, Begun):
            return each
        if given.glossary.entries:
            entries = given.glossary.of_line(given.text)
            each = [one._replace(missing=missing(entries, one.text, self.target)) for one in each]
            warn_missing(given.text, each[0].missing)
        if given.marked:
            each = [one._replace(text=given.marked.put_back(one)) for one in each]
        return each

    def distinct(self, found: list[Translation]) -> list[Translation]:
        return distinct(found)

    def _translation(self, line, row, found, n):
        """The `n`-th hypothesis of one line, without the symbols around both sides."""
        line = line.text if isinstance(line, Begun) else line
        symbols = self.pair_symbols
        written = slice(len(symbols.prefix), int(found["lengths"][n]))
        read = slice(len(symbols.source_before), len(row.ids) - len(symbols.source_behind))
        ids, source = [int(i) for i in found["tokens"][n, written]], row.ids[read]
        attention = found.get("attention")
        if attention is not None:
            attention = attention[n, written, read]
        unknown = aligned_words(self._words(line), attention) if self.replace_unknown else None
        return Translation(  # a line without a token has none
            "" if len(source) == 1 else self.target.decode(ids, unknown),
            float(found["scores"][n]),
            [self.target.vocabulary[i] for i in ids],
            [self.source.vocabulary[i] for i in source],
            attention,
            bool(ids) and ids[-1] == self.target.end_id,
            was_cut([row]),
        )

    def _words(self, line):
        """The source words that can be copied."""
        return self.source.tokens(line)[: self.max_source_length - 1]

    def read_graph(
        self, texts: tf.Tensor, ids: tf.Tensor, found: dict[str, tf.Tensor]
    ) -> tf.Tensor:
        """`read`, the texts alone, in a TensorFlow graph.

        Args:
            texts: strings `(B,)`.
            ids: int32 ids `(B, S)` of them.
            found: dict of `tokens` `(B, N, T)` and, to copy words, `attention` `(B, N, T, S)`.

        Returns:
            strings `(B, N)`.
        """
        import tensorflow as tf

        symbols = self.pair_symbols
        first = len(symbols.source_before)
        written = found["tokens"][:, :, len(symbols.prefix) :]
        count, length = tf.shape(written)[1], written.shape[2]
        tokens, unknown = tf.reshape(written, (-1, length)), None  # (B * N, T)
        if self.replace_unknown:
            words = self.source.words(texts)[:, : self.max_source_length - 1]
            attention = found["attention"][:, :, len(symbols.prefix) :, first:]
            unknown = aligned_words_graph(words, attention)  # (B, N, T)
            unknown = tf.reshape(unknown, (-1, length))
        translations = tf.reshape(self.target.detokenize(tokens, unknown), (-1, count))
        return tf.where(ids[:, first : first + 1] == self.source.end_id, "", translations)

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        return translation_signatures(self, task)

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        if isinstance(inputs[0], Begun):
            return served_begun(inputs)
        return super().served_inputs(inputs)

    @classmethod
    def served(
        cls, found: dict[str, np.ndarray], inputs: Sequence[typing.Any]
    ) -> Iterable[tuple[str, float]]:
        return answered_begun(super().served(found, inputs), found, inputs)
