"""Subwords by SentencePiece (Kudo and Richardson 2018)."""

from __future__ import annotations

import functools
import io
import itertools
import re
import typing
from collections.abc import Iterable, Sequence

import sentencepiece

from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import lowercase as lowercase_text
from kerasseq.text.normalize import normalize
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import END_ID, PAD_ID, START_ID, UNK_ID

if typing.TYPE_CHECKING:
    import tensorflow as tf


class SentencePieceTokenizer(Tokenizer):
    """A trained SentencePiece model, byte-pair encoding or unigram.

    Graph and Python cut alike, with one exception: where two cuts are equally probable to a
    unigram model ("t tt" and "tt t"), versions of SentencePiece may choose differently.

    Args:
        model: bytes, the content of a `.model` file whose pad, unk, bos and eos ids are 0,
            1, 2 and 3.
        lowercase: bool, lower-case first.

    Raises:
        ValueError: when the bytes are no such model.
    """

    def __init__(self, model: bytes, lowercase: bool = False) -> None:
        self.model = bytes(model)
        self.lowercase = lowercase
        try:
            self.processor = sentencepiece.SentencePieceProcessor(model_proto=self.model)
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
    ) -> typing.Self:
        """Trains on an iterable of lines, in memory.

        Args:
            lines: iterable of str.
            vocabulary_size: int, pieces with the four specials.
            model_type: "bpe" (Sennrich et al. 2016, section 3.2), or "unigram" (Kudo 2018).
            character_coverage: float, share of characters that get a piece of their own.
            lowercase: bool, lower-case first.

        Raises:
            ValueError: for no text, another model type, fewer pieces than the text's characters
                need or more than it can give, or a coverage that SentencePiece refuses.
        """
        lines = check_lines(lines)
        if model_type not in ("bpe", "unigram"):
            raise ValueError(
                f'Expected a model_type of "bpe" or "unigram"; received {model_type!r}. Choose one.'
            )

        def clean(line):
            line = normalize(line)
            return lowercase_text(line) if lowercase else line

        cleaned = (line for line in map(clean, lines) if line)
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
        text = normalize(text)
        return lowercase_text(text) if self.lowercase else text

    def tokens(self, text: str | bytes) -> list[str]:
        return self.processor.encode(self.clean(text), out_type=str)

    def encode(self, text: str | bytes) -> list[int]:
        return self.processor.encode(self.clean(text))

    def join(self, tokens: Sequence[int | str]) -> str:
        return self.processor.decode(tokens)

    def make_graph(self) -> tf.Module:
        from kerasseq.text.sentencepiece_graph import SentencePieceGraph

        return SentencePieceGraph(self.model, self.lowercase)

    def files(self) -> dict[str, bytes]:
        return {"sentencepiece.model": self.model}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        return cls(files["sentencepiece.model"], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the model."""
        return {"lowercase": self.lowercase}


def _remedy(message):
    """What to do about a message of SentencePiece's trainer."""
    least = re.search(r"required_chars\. \d+ vs (\d+)", message)
    if least:
        return f"Ask for at least {least[1]} pieces, or lower character_coverage."
    most = re.search(r"set it to a value <= (\d+)", message)
    if most:
        return f"Ask for at most {most[1]} pieces, or give more text."
    return f"Mend what SentencePiece names: {message.strip()}"
