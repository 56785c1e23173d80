"""Lines to translations."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

import numpy as np

from kerasseq.processing.aligned_words import aligned_words, aligned_words_graph
from kerasseq.processing.distinct import distinct, distinct_graph
from kerasseq.processing.processor import Processor, Row, Settings, strings
from kerasseq.processing.symbols import (
    closed_ids,
    closed_ids_graph,
    given_ids,
    given_ids_graph,
    target_ids,
    target_ids_graph,
    tokens_graph,
)

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.text.tokenizer import Tokenizer


class Translation(typing.NamedTuple):
    """One hypothesis.

    Attributes:
        text: str.
        score: float, as the search defines it.
        tokens: list of str, the target tokens, the end symbol last when it was reached.
        source_tokens: list of str, the source tokens, the end symbol last.
        attention: float array `(tokens, source_tokens)`, or None.
        finished: bool, whether the end symbol was reached within the longest translation.
        truncated: bool, whether the source was longer than what is read of it.
    """

    text: str
    score: float
    tokens: list[str]
    source_tokens: list[str]
    attention: np.ndarray | None
    finished: bool = True
    truncated: bool = False

    def alignment(self) -> str:
        """The source token that each target token attends to most, in Pharaoh's format.

        Returns:
            str, `source-target` pairs of positions from 0, the end symbols left out.

        Raises:
            ValueError: for a hypothesis without attention.
        """
        if self.attention is None:
            raise ValueError(
                "Expected a translation with attention; received one without. Use "
                "Translator.attention, or a search with return_attention=True."
            )
        if len(self.source_tokens) == 1:
            return ""
        places = np.argmax(self.attention[:, : len(self.source_tokens) - 1], axis=-1)
        words = places[:-1] if self.finished else places
        return " ".join(f"{place}-{position}" for position, place in enumerate(words))


class Translations(Processor):
    """Lines to what a translator reads, and what its search found to translations.

    `distinct` keeps the best of hypotheses that read alike, other pieces of one text or repeated
    samples: fewer than the search's `n_best` or `num_samples` where fewer differ.

    Args:
        source: Tokenizer.
        target: Tokenizer.
        max_length: int, the most tokens of a translation; a longer target is scored up to there.
        max_source_length: int, the most tokens read of a source; a longer line is cut.
        replace_unknown: bool, writes the source word with the most attention for an unknown
            token (Luong et al. 2015, section 4.2); needs a model that attends, and words on
            both sides.

    Raises:
        ValueError: with `replace_unknown`, for a tokenizer that cuts no words, or joiners of the
            source alone.
    """

    name = "translator"
    sides: tuple[str, ...] = ("source", "target")
    settings: typing.ClassVar[Settings] = {
        "max_length": int,
        "max_source_length": int,
        "replace_unknown": bool,
    }
    added: frozenset[str] = frozenset({"replace_unknown"})
    program: str = "translate"
    input_name: str = "source"
    output: str = "translation"
    remedy = "Raise max_source_length (of a .tflite file longest_source), or split the lines."

    def __init__(
        self,
        source: Tokenizer,
        target: Tokenizer,
        max_length: int = 100,
        max_source_length: int = 256,
        replace_unknown: bool = False,
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

    @property
    def symbols(self) -> dict[str, int]:
        return {"start_id": self.target.start_id, "end_id": self.target.end_id}

    @property
    def row_length(self) -> int:
        return self.max_source_length

    def source_ids(self, line: str) -> list[int]:
        """The ids of one line with the end symbol, at most `max_source_length`."""
        return self.rows(line)[0].ids

    def source_ids_graph(self, texts: tf.Tensor) -> tf.Tensor:
        """The same for strings `(B,)`: int32 ids `(B, S)`, padded with 0."""
        ids = self.source.tokenize(texts)
        return closed_ids_graph(self.source, ids, self.max_source_length).to_tensor()

    def target_ids(self, text: str) -> list[int]:
        """The ids of one target line with the end symbol, the first `max_length` of them."""
        return target_ids(self.target, text, self.max_length)

    def given_ids(self, following: Sequence[int]) -> list[int]:
        """What the decoder is given to answer the ids `following`."""
        return given_ids(self.target, following)

    def rows(self, given: typing.Any) -> list[typing.Any]:
        ids = self.source.encode(given)
        row = closed_ids(self.source, ids, self.max_source_length)
        return [Row(row, len(ids) + 1 - len(row))]

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Translation]:
        (row,), (found,) = rows, outputs
        return [self._translation(given, row, found, n) for n in range(len(found["scores"]))]

    def distinct(self, found: list[Translation]) -> list[Translation]:
        return distinct(found)

    def _translation(self, line, row, found, n):
        """The `n`-th hypothesis of one line."""
        length = found["lengths"][n]
        ids = [int(i) for i in found["tokens"][n, :length]]
        attention = found.get("attention")
        if attention is not None:
            attention = attention[n, :length, : len(row.ids)]
        unknown = aligned_words(self._words(line), attention) if self.replace_unknown else None
        return Translation(
            # A line without a token has no translation.
            "" if len(row.ids) == 1 else self.target.decode(ids, unknown),
            float(found["scores"][n]),
            [self.target.vocabulary[i] for i in ids],
            [self.source.vocabulary[i] for i in row.ids],
            attention,
            bool(ids) and ids[-1] == self.target.end_id,
            row.cut > 0,
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

        count, length = tf.shape(found["tokens"])[1], found["tokens"].shape[2]
        tokens, unknown = tf.reshape(found["tokens"], (-1, length)), None  # (B * N, T)
        if self.replace_unknown:
            words = self.source.words(texts)[:, : self.max_source_length - 1]
            unknown = aligned_words_graph(words, found["attention"])  # (B, N, T)
            unknown = tf.reshape(unknown, (-1, length))
        translations = tf.reshape(self.target.detokenize(tokens, unknown), (-1, count))
        return tf.where(ids[:, :1] == self.source.end_id, "", translations)

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """Of a batch `B` of UTF-8 strings:

        - `serving_default`: `text` `(B,)` to `translation` `(B,)` and `score` `(B,)`;
        - `n_best`: `text` to `translations` and `scores` `(B, N)`, the different ones among all
          hypotheses of the beam; after them, where some read alike, "" with the score -1e9;
        - `attention`: `text` to `translation`, `tokens` `(B, T)`, `source_tokens` `(B, S)` and
          `attention` `(B, T, S)`, of a model that attends;
        - `score`: `source` and `target` `(B,)` to `score` `(B,)`, the log-probability of the
          first `max_length` tokens of a target, the end symbol counted.
        """
        import tensorflow as tf

        def decode(texts, search):
            ids = self.source_ids_graph(texts)
            found = task.outputs({"source": ids}, search)
            return ids, found, self.read_graph(texts, ids, found)

        def translate(texts):
            _, found, translations = decode(texts, task.search)
            return {"translation": translations[:, 0], "score": found["scores"][:, 0]}

        def n_best(texts):
            _, found, translations = decode(texts, task.search.all_best())
            translations, scores = distinct_graph(translations, found["scores"])
            return {"translations": translations, "scores": scores}

        def attention(texts):
            ids, found, translations = decode(texts, task.search.replace(return_attention=True))
            longest = tf.reduce_max(found["lengths"][:, 0])
            return {
                "translation": translations[:, 0],
                "tokens": tokens_graph(self.target, found["tokens"][:, 0, :longest]),
                "source_tokens": tokens_graph(self.source, ids),
                "attention": found["attention"][:, 0, :longest],
            }

        def score(sources, targets):
            following = target_ids_graph(self.target, targets, self.max_length)
            given = given_ids_graph(self.target, following)
            return {"score": task.model.score(self.source_ids_graph(sources), given, following)}

        found = {
            "serving_default": (translate, strings("text")),
            "n_best": (n_best, strings("text")),
            "score": (score, strings("source", "target")),
        }
        attends = {"attention": (attention, strings("text"))} if task.model.attends else {}
        return found | attends
