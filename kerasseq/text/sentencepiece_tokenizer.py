"""Subwords by SentencePiece (Kudo and Richardson 2018)."""

from __future__ import annotations

import functools
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kerasseq.text.added_tokens import AddedTokens, check_added
from kerasseq.text.checks import check_pairs
from kerasseq.text.normalize import lowercase as lowercase_text
from kerasseq.text.normalize import normalize
from kerasseq.text.sentencepiece_model import cut_with_ends, open_model
from kerasseq.text.sentencepiece_sampling import (
    check_sampling,
    sample,
    sample_graph,
    type_of_model,
)
from kerasseq.text.sentencepiece_trainer import train_model
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.units import Unit, units_of_tokens

if typing.TYPE_CHECKING:
    import sentencepiece
    import tensorflow as tf

BLANK = "▁"  # a space, in pieces


class SentencePieceTokenizer(Tokenizer):
    """A trained SentencePiece model, byte-pair encoding or unigram.

    Unless it was trained with `normalization_rule_name="identity"`, a model replaces characters
    before it cuts. SentencePiece's default, "nmt_nfkc", writes compatible characters as one
    (Unicode's NFKC), and these cannot be told apart or written any more: "m²" becomes "m2", "ʰ"
    "h", "½" "1⁄2", "™" "TM", "…" "...", "ﬁ" "fi", and full and half width become one. A model
    that was trained elsewhere keeps the rule that its file has. "▁" in a text is a space, as every
    SentencePiece model reads it. Symbols that stand in a text ("<s>", "<pad>") are text, cut as
    other letters are.

    A model that keeps white space (`keep_whitespace`, told by its file) reads every space, tab and
    line break, and gives them back; others make one space of each stretch.

    With `sampling_alpha` a text is cut differently in every epoch of training, while `encode`,
    `tokenize`, translations and exports have the one best cut. For "bpe" it is the probability
    `p` that a merge is left out (BPE-dropout, Provilkov et al. 2020, section 3); for "unigram"
    the exponent α that smooths the probabilities of the `l` = `sampling_nbest` best cuts, `P(x_i |
    X) ≅ P(x_i)^α / Σ_j P(x_j)^α` (Kudo 2018, section 3.2), of all cuts by forward filtering and
    backward sampling when it is 0. Kudo uses α = 0.1 to 0.5, Provilkov p = 0.1.

    Graph and Python cut alike, with one exception: where two cuts are equally probable to a
    unigram model ("t tt" and "tt t"), versions of SentencePiece may choose differently.

    Args:
        model: bytes, the content of a `.model` file whose pad, unk, bos and eos ids are 0,
            1, 2 and 3.
        lowercase: bool, lower-case first.
        added_tokens: dict from str, pieces that are one token each wherever they stand, to the
            side on which a space goes with it: "", "left", "right" or "both". The text between
            two is cut as a line is; a space that is left before one is a piece of its own, as
            Hugging Face's Metaspace leaves it. With added tokens white space is not kept.
        sampling_alpha: float, or None not to sample.
        sampling_nbest: int, 0 for every cut.

    Raises:
        ValueError: when the bytes are no such model, an added token is none of its pieces, or
            for other sampling.
    """

    crosses_marks = True

    def __init__(
        self,
        model: bytes,
        lowercase: bool = False,
        added_tokens: Mapping[str, str] | None = None,
        *,
        sampling_alpha: float | None = None,
        sampling_nbest: int = 0,
    ) -> None:
        self.model: bytes = bytes(model)
        self.lowercase = lowercase
        self.sampling_alpha = sampling_alpha
        self.sampling_nbest = sampling_nbest
        self.samples: bool = sampling_alpha is not None
        # What holds for every type of model; `sample` checks its own.
        check_sampling("unigram", sampling_alpha, sampling_nbest)
        self.processor: sentencepiece.SentencePieceProcessor = open_model(self.model)
        self.added_tokens: dict[str, str] = dict(added_tokens or {})
        keeps = BLANK * 2 in self.processor.normalize("a  b")
        self.keep_whitespace: bool = keeps and not self.added_tokens
        pieces = {
            token: self.processor.piece_to_id(token) for token in map(str, added_tokens or ())
        }
        check_added(self.added_tokens, pieces, self.clean)
        self.added_ids: dict[str, int] = pieces
        self.added: AddedTokens = AddedTokens(
            {token: token for token in self.added_tokens}, self.added_tokens
        )
        self.blank_id: int | None = None
        if self.added_tokens and not self.processor.encode(" "):  # it drops spaces at the ends
            self.blank_id = self.processor.piece_to_id(BLANK)

    @functools.cached_property
    def vocabulary(self) -> list[str]:
        """list of str, the pieces in id order."""
        return [self.processor.id_to_piece(i) for i in range(self.processor.get_piece_size())]

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        vocabulary_size: int,
        *,
        model_type: typing.Literal["bpe", "unigram"] = "bpe",
        character_coverage: float = 1.0,
        lowercase: bool = False,
        normalization_rule_name: str | None = None,
        user_defined_symbols: Iterable[str] = (),
        byte_fallback: bool = False,
        keep_whitespace: bool = False,
        sampling_alpha: float | None = None,
        sampling_nbest: int = 0,
    ) -> typing.Self:
        """Trains on an iterable of lines, in memory.

        Args:
            lines: iterable of str.
            vocabulary_size: int, pieces with the four specials, the symbols and the bytes.
            model_type: "bpe" (Sennrich et al. 2016, section 3.2), or "unigram" (Kudo 2018).
            character_coverage: float, share of characters that get a piece of their own.
            lowercase: bool, lower-case first.
            normalization_rule_name: str, what becomes of characters: "nmt_nfkc" (the default,
                see the class) or "nfkc", these with "_cf" to fold case too, or "identity" (with
                `keep_whitespace` the default) to keep every character of the cleaned text.
            user_defined_symbols: list of str, each one piece wherever it stands in a text, as a
                placeholder is ("<num>").
            byte_fallback: bool, spells a character without a piece in the bytes of UTF-8, 256
                further pieces, in place of an unknown one: every character comes back.
            keep_whitespace: bool, keeps every space, tab and line break; three further pieces.
                The lines must have theirs, as `corpus.with_whitespace()` gives them.
            sampling_alpha, sampling_nbest: as for the class.

        Raises:
            ValueError: for no text, another model type or rule, one that replaces what is to be
                kept, a symbol that cannot be kept whole, other sampling, fewer pieces than the
                text's characters need or more than it can give, or a coverage that SentencePiece
                refuses.
        """
        options = {"lowercase": lowercase, "keep_whitespace": keep_whitespace}
        check_sampling(model_type, sampling_alpha, sampling_nbest)
        model = train_model(
            lines,
            vocabulary_size,
            clean=lambda line: _clean(line, **options),
            model_type=model_type,
            character_coverage=character_coverage,
            normalization_rule_name=normalization_rule_name,
            user_defined_symbols=user_defined_symbols,
            byte_fallback=bool(byte_fallback),
            **options,
        )
        return cls(model, lowercase, sampling_alpha=sampling_alpha, sampling_nbest=sampling_nbest)

    @classmethod
    def train_pair(
        cls,
        pairs: Iterable[tuple[str, str]],
        vocabulary_size: int,
        *,
        joint: bool = False,
        **options: typing.Any,
    ) -> tuple[typing.Self, typing.Self]:
        """Trains for both sides of an iterable of `(source, target)` lines.

        Args:
            pairs: iterable of pairs of str, read once a model; an iterator is held in memory.
            vocabulary_size: int, of each model.
            joint: bool, one model for both sides (for shared embeddings).
            **options: as for `train`.

        Returns:
            the source and the target tokenizer; the same object twice when `joint`.
        """
        if joint:
            lines = (line for pair in check_pairs(pairs) for line in pair)
            both = cls.train(lines, vocabulary_size, **options)
            return both, both
        if isinstance(pairs, Iterator):  # it is read twice
            pairs = list(pairs)
        return tuple(
            cls.train((pair[side] for pair in check_pairs(pairs)), vocabulary_size, **options)
            for side in (0, 1)
        )

    def clean(self, text: str | bytes) -> str:
        return _clean(text, self.lowercase, self.keep_whitespace)

    def tokens(self, text: str | bytes) -> list[str]:
        return self._cut(text, str, {token: token for token in self.added_tokens}, BLANK)

    def encode(self, text: str | bytes) -> list[int]:
        return self._cut(text, int, self.added_ids, self.blank_id)

    def units(self, text: str) -> list[Unit]:
        cased = lowercase_text if self.lowercase else str
        ids, ends = cut_with_ends(self.processor, cased(text))
        return units_of_tokens(text, ids, ends, [len(cased(each).encode()) for each in text])

    def _cut(self, text, kind, added, blank):
        """The pieces of a text, or their ids, as `kind`, `added` and `blank` are."""
        parts = list(self.added.split(self.clean(text)))
        cuts = (
            self.processor.encode(part, out_type=kind) for part, token in parts if token is None
        )
        return self._joined(parts, cuts, added, blank)

    def _joined(self, parts, cuts, added, blank):
        """One list of the cuts of a text's parts, in order, and of the added tokens between."""
        found = []
        for part, token in parts:
            if token is not None:
                found.append(added[token])
                continue
            found += next(cuts)
            if self.blank_id is not None and part.endswith(" "):
                found.append(blank)
        return found

    def sample(self, texts: Iterable[str | bytes], seed: int) -> list[list[int]]:
        """Cuts texts by chance, as training reads them; see the class.

        Args:
            texts: iterable of str.
            seed: int; the same texts and seed give the same cuts within a process.

        Returns:
            a list of int ids for each text.

        Raises:
            ValueError: without `sampling_alpha`, or for a model that cannot be sampled from.
        """
        every = [list(self.added.split(self.clean(text))) for text in texts]
        of_text = [part for parts in every for part, token in parts if token is None]
        cuts = iter(sample(self.processor, of_text, *self._sampling, seed))
        return [self._joined(parts, cuts, self.added_ids, self.blank_id) for parts in every]

    @functools.cached_property
    def _sampling(self):
        if self.sampling_alpha is None:
            raise ValueError(
                "Expected a tokenizer with a sampling_alpha to sample; received one without. Give "
                "it: SentencePieceTokenizer(tokenizer.model, sampling_alpha=0.1)."
            )
        check_sampling(type_of_model(self.model), self.sampling_alpha, self.sampling_nbest)
        return self.sampling_alpha, self.sampling_nbest

    def sample_graph(self, texts: tf.Tensor, seed: tf.Tensor) -> tf.RaggedTensor:
        """The same in a `tf.data` pipeline: strings `(B,)` and an int64 scalar to an int32 ragged
        tensor `(B, None)`."""
        _ = self._sampling  # refused before anything runs
        return sample_graph(self.sample, texts, seed)

    def join(self, tokens: Sequence[int | str]) -> str:
        return self.processor.decode(tokens)

    def make_graph(self) -> tf.Module:
        from kerasseq.text.sentencepiece_graph import SentencePieceGraph

        return SentencePieceGraph(self)

    def units_graph(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        return self.graph.units(texts)

    def files(self) -> dict[str, bytes]:
        return {"sentencepiece.model": self.model}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        return cls(files["sentencepiece.model"], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the model."""
        config = {"lowercase": self.lowercase}
        if self.added_tokens:
            config["added_tokens"] = self.added_tokens
        sampling = ("sampling_alpha", "sampling_nbest") if self.samples else ()
        return config | {name: getattr(self, name) for name in sampling}


def _clean(text: str | bytes, lowercase: bool, keep_whitespace: bool) -> str:
    text = normalize(text, keep_whitespace=keep_whitespace)
    return lowercase_text(text) if lowercase else text
