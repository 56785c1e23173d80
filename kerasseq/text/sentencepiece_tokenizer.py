"""Subwords by SentencePiece (Kudo and Richardson 2018)."""

from __future__ import annotations

import functools
import io
import itertools
import re
import typing
from collections.abc import Iterable, Mapping, Sequence

import sentencepiece

from kerasseq.text.added_tokens import SIDES, AddedTokens
from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import lowercase as lowercase_text
from kerasseq.text.normalize import normalize
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import END_ID, PAD_ID, SPECIALS, START_ID, UNK_ID

if typing.TYPE_CHECKING:
    import tensorflow as tf

MODEL_TYPES = ("bpe", "unigram")
BLANK = "▁"  # a space, in pieces
RULES = ("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity")


class SentencePieceTokenizer(Tokenizer):
    """A trained SentencePiece model, byte-pair encoding or unigram.

    Unless it was trained with `normalization_rule_name="identity"`, a model replaces characters
    before it cuts. SentencePiece's default, "nmt_nfkc", writes compatible characters as one
    (Unicode's NFKC), and these cannot be told apart or written any more: "m²" becomes "m2", "ʰ"
    "h", "½" "1⁄2", "™" "TM", "…" "...", "ﬁ" "fi", and full and half width become one.

    Graph and Python cut alike, with one exception: where two cuts are equally probable to a
    unigram model ("t tt" and "tt t"), versions of SentencePiece may choose differently.

    Args:
        model: bytes, the content of a `.model` file whose pad, unk, bos and eos ids are 0,
            1, 2 and 3.
        lowercase: bool, lower-case first.
        added_tokens: dict from str, pieces that are one token each wherever they stand, to the
            side on which a space goes with it: "", "left", "right" or "both". The text between
            two is cut as a line is; a space that is left before one is a piece of its own, as
            Hugging Face's Metaspace leaves it.

    Raises:
        ValueError: when the bytes are no such model, or an added token is none of its pieces.
    """

    def __init__(
        self,
        model: bytes,
        lowercase: bool = False,
        added_tokens: Mapping[str, str] | None = None,
    ) -> None:
        self.model: bytes = bytes(model)
        self.lowercase = lowercase
        try:
            self.processor: sentencepiece.SentencePieceProcessor = (
                sentencepiece.SentencePieceProcessor(model_proto=self.model)
            )
        except RuntimeError as error:
            raise ValueError(
                "Expected the bytes of a SentencePiece model; received something else "
                f"({len(self.model)} bytes). Name a file that SentencePiece wrote."
            ) from error
        special = (
            self.processor.pad_id(),
            self.processor.unk_id(),
            self.processor.bos_id(),
            self.processor.eos_id(),
        )
        if special != (PAD_ID, UNK_ID, START_ID, END_ID):
            raise ValueError(
                f"Expected the pad, unk, bos and eos ids 0, 1, 2, 3; received {special}. Train the "
                "model with SentencePieceTokenizer.train."
            )
        self.added_tokens: dict[str, str] = dict(added_tokens or {})
        self.added_ids: dict[str, int] = {
            token: self._added_id(token, side) for token, side in self.added_tokens.items()
        }
        self.added: AddedTokens = AddedTokens(
            {token: token for token in self.added_tokens}, self.added_tokens
        )
        drops = not self.processor.encode(" ")  # the spaces at the ends of a text
        self.blank_id: int | None = (
            self.processor.piece_to_id(BLANK) if self.added_tokens and drops else None
        )

    def _added_id(self, token, side):
        is_piece = isinstance(token, str) and self.processor.piece_to_id(token) > END_ID
        stands = is_piece and _clean(token, self.lowercase) == token
        if not stands or re.search(f"[ {BLANK}]", token) or side not in SIDES:
            raise ValueError(
                "Expected added tokens that are pieces of the model, as they stand in a cleaned "
                f"text, without spaces, each with one of {', '.join(map(repr, SIDES))}; received "
                f"{token!r:.80}: {side!r:.80}. Leave it out."
            )
        return self.processor.piece_to_id(token)

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
        normalization_rule_name: str = "nmt_nfkc",
        user_defined_symbols: Iterable[str] = (),
        byte_fallback: bool = False,
    ) -> typing.Self:
        """Trains on an iterable of lines, in memory.

        Args:
            lines: iterable of str.
            vocabulary_size: int, pieces with the four specials, the symbols and the bytes.
            model_type: "bpe" (Sennrich et al. 2016, section 3.2), or "unigram" (Kudo 2018).
            character_coverage: float, share of characters that get a piece of their own.
            lowercase: bool, lower-case first.
            normalization_rule_name: str, what becomes of characters: "nmt_nfkc" (the default,
                see the class) or "nfkc", these with "_cf" to fold case too, or "identity" to
                keep every character of the cleaned text.
            user_defined_symbols: list of str, each one piece wherever it stands in a text, as a
                placeholder is ("<num>").
            byte_fallback: bool, spells a character without a piece in the bytes of UTF-8, 256
                further pieces, in place of an unknown one: every character comes back.

        Raises:
            ValueError: for no text, another model type or rule, a symbol that cannot be kept
                whole, fewer pieces than the text's characters need or more than it can give, or
                a coverage that SentencePiece refuses.
        """
        lines = check_lines(lines)
        for name, given, known in (
            ("model_type", model_type, MODEL_TYPES),
            ("normalization_rule_name", normalization_rule_name, RULES),
        ):
            if given not in known:
                raise ValueError(
                    f"Expected a {name} of {', '.join(known)}; received {given!r}. Choose one."
                )
        symbols = _check_symbols(user_defined_symbols, lowercase, byte_fallback)
        cleaned = (_clean(line, lowercase) for line in lines)
        cleaned = (line for line in cleaned if line)
        first = next(cleaned, None)
        if first is None:
            raise ValueError(
                "Expected text to train SentencePiece on; received no line with a character. "
                "Check the training file."
            )
        model = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=itertools.chain([first], cleaned),
                model_writer=model,
                vocab_size=vocabulary_size,
                model_type=model_type,
                character_coverage=character_coverage,
                normalization_rule_name=normalization_rule_name,
                user_defined_symbols=symbols,
                byte_fallback=bool(byte_fallback),
                pad_id=PAD_ID,
                unk_id=UNK_ID,
                bos_id=START_ID,
                eos_id=END_ID,
                max_sentence_length=2**30,  # bytes, its most; by default long lines are left out
                minloglevel=2,
            )
        except RuntimeError as error:
            raise ValueError(
                "Expected settings that the text can fill; received vocabulary_size="
                f"{vocabulary_size}, character_coverage={character_coverage}. {_remedy(str(error))}"
            ) from error
        return cls(model.getvalue(), lowercase)

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
            pairs: iterable of pairs of str, read once a model.
            vocabulary_size: int, of each model.
            joint: bool, one model for both sides (for shared embeddings).
            **options: as for `train`.

        Returns:
            the source and the target tokenizer; the same object twice when `joint`.
        """
        if joint:
            both = cls.train((line for pair in pairs for line in pair), vocabulary_size, **options)
            return both, both
        return tuple(
            cls.train((pair[side] for pair in pairs), vocabulary_size, **options) for side in (0, 1)
        )

    def clean(self, text: str | bytes) -> str:
        return _clean(text, self.lowercase)

    def tokens(self, text: str | bytes) -> list[str]:
        return self._cut(text, str, {token: token for token in self.added_tokens}, BLANK)

    def encode(self, text: str | bytes) -> list[int]:
        return self._cut(text, int, self.added_ids, self.blank_id)

    def _cut(self, text, kind, added, blank):
        """The pieces of a text, or their ids, as `kind`, `added` and `blank` are."""
        if not added:
            return self.processor.encode(self.clean(text), out_type=kind)
        found = []
        for part, token in self.added.split(self.clean(text)):
            if token is not None:
                found.append(added[token])
                continue
            found += self.processor.encode(part, out_type=kind)
            if self.blank_id is not None and part.endswith(" "):
                found.append(blank)
        return found

    def join(self, tokens: Sequence[int | str]) -> str:
        return self.processor.decode(tokens)

    def make_graph(self) -> tf.Module:
        from kerasseq.text.sentencepiece_graph import SentencePieceGraph

        return SentencePieceGraph(self)

    def files(self) -> dict[str, bytes]:
        return {"sentencepiece.model": self.model}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        return cls(files["sentencepiece.model"], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the model."""
        config = {"lowercase": self.lowercase}
        return config | {"added_tokens": self.added_tokens} if self.added_tokens else config


def _clean(text: str | bytes, lowercase: bool) -> str:
    text = normalize(text)
    return lowercase_text(text) if lowercase else text


def _check_symbols(symbols: Iterable[str], lowercase: bool, byte_fallback: bool) -> list[str]:
    """The symbols to keep whole, a list, if each can stand in a cleaned text.

    Raises:
        ValueError: for another one, or no list.
    """
    if isinstance(symbols, str | bytes):
        raise ValueError(
            f"Expected user_defined_symbols as a list of str; received {symbols!r}. Put a single "
            "one into a list."
        )
    symbols = list(symbols)
    for place, symbol in enumerate(symbols):
        as_read = isinstance(symbol, str) and symbol and _clean(symbol, lowercase) == symbol
        if not as_read or re.search(f"[ {BLANK}]", symbol):
            raise ValueError(
                f"Expected user_defined_symbols as they stand in a text that was cleaned, without "
                f"spaces or {BLANK}; received {symbol!r} with lowercase={lowercase}. Write it so."
            )
        own = symbol in SPECIALS or (byte_fallback and re.fullmatch("<0x[0-9A-F]{2}>", symbol))
        if own or symbol in symbols[:place]:
            raise ValueError(
                f"Expected user_defined_symbols that are no other piece; received {symbol!r}, "
                f"{'a piece of every such model' if own else 'twice'}. Leave it out."
            )
    return symbols


def _remedy(message):
    """What to do about a message of SentencePiece's trainer."""
    least = re.search(r"required_chars\. \d+ vs (\d+)", message)
    if least:
        return f"Ask for at least {least[1]} pieces, or lower character_coverage."
    most = re.search(r"set it to a value <= (\d+)", message)
    if most:
        return f"Ask for at most {most[1]} pieces, or give more text."
    return f"Mend what SentencePiece names: {message.strip()}"
