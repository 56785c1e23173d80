"""Subwords by byte-pair encoding over bytes, as GPT-2, RoBERTa and BART cut them."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable, Mapping, Sequence

from kerasseq.text.added_tokens import AddedTokens
from kerasseq.text.byte_pairs import ALPHABET, bytes_of, find_words, last_rank
from kerasseq.text.piece_messages import piece_messages
from kerasseq.text.sentencepiece_tokenizer import SentencePieceTokenizer
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.units import Unit, units_of_tokens
from kerasseq.text.vocabulary import END_ID, PAD_ID, SPECIALS, START_ID, UNK_ID

if typing.TYPE_CHECKING:
    import tensorflow as tf


class BytePairTokenizer(Tokenizer):
    """Cuts words, each with the space before it, into pieces of bytes (Radford et al. 2019).

    Every text can be written in bytes, so no token is unknown, and what is decoded is what was
    encoded. Tokens are shown as in `vocab.json`: a space is "Ġ", and so on for each byte that
    cannot be seen.

    The pieces are those of a SentencePiece model in whose texts each byte is one character,
    that of Latin 1.

    Args:
        model: bytes of such a model, as `from_merges` makes it.
        prefix_space: bool, a text is cut as if a space stood before it (`add_prefix_space` in
            Hugging Face's files).
        added_tokens: dict from str, pieces that are one token each wherever they stand, to the
            side on which a space goes with it: "", "left", "right" or "both". The text between
            two is cut as a line is.

    Raises:
        ValueError: when the bytes are no such model, or an added token is none of its pieces.
    """

    crosses_marks = True

    def __init__(
        self,
        model: bytes,
        prefix_space: bool = False,
        added_tokens: Mapping[str, str] | None = None,
    ) -> None:
        self.model: bytes = bytes(model)
        self.prefix_space = prefix_space
        self.pieces: SentencePieceTokenizer = SentencePieceTokenizer(self.model)
        self.vocabulary: list[str] = [
            piece
            if number == UNK_ID or self.pieces.processor.is_control(number)
            else "".join(ALPHABET[byte] for byte in piece.encode("latin-1", "replace"))
            for number, piece in enumerate(self.pieces.vocabulary)
        ]
        self.added_tokens: dict[str, str] = dict(added_tokens or {})
        self.contents: list[bytes] = [
            token.encode("utf-8")
            if token in self.added_tokens or (content := bytes_of(token)) is None
            else content
            for token in self.vocabulary
        ]
        self.token_ids: dict[str, int] = {
            token: number for number, token in enumerate(self.vocabulary)
        }
        missing = [letter for letter in ALPHABET.values() if letter not in self.token_ids]
        unknown = [
            token for token in self.added_tokens
            if self.token_ids.get(token, 0) <= END_ID or self.clean(token) != token
        ]  # fmt: skip
        if missing or unknown:
            raise ValueError(
                "Expected a piece for each byte and added tokens that are pieces, as they stand in "
                f"a cleaned text; received none for {', '.join(map(repr, missing + unknown)):.80}. "
                "Make one with BytePairTokenizer.from_merges."
            )
        self.added_ids: dict[str, int] = {
            token: self.token_ids[token] for token in self.added_tokens
        }
        self.added: AddedTokens = AddedTokens(
            {token: token for token in self.added_tokens}, self.added_tokens
        )

    @classmethod
    def from_merges(
        cls,
        vocabulary: Sequence[str],
        merges: Iterable[tuple[str, str]],
        prefix_space: bool = False,
        added_tokens: Mapping[str, str] | None = None,
    ) -> typing.Self:
        """Makes one of what `vocab.json` and `merges.txt` hold.

        Args:
            vocabulary: list of str, the tokens in id order, `<pad> <unk> <s> </s>` first.
            merges: iterable of pairs of str, the first to be merged first.
            prefix_space: bool, as for the class.
            added_tokens: dict, as for the class.

        Raises:
            ValueError: when the specials do not lead, a token stands twice, or a byte has none.
        """
        vocabulary = list(vocabulary)
        if tuple(vocabulary[:4]) != SPECIALS or len(set(vocabulary)) < len(vocabulary):
            raise ValueError(
                f"Expected different tokens, {' '.join(SPECIALS)} first; received "
                f"{len(vocabulary)}, {len(set(vocabulary))} different, first "
                f"{' '.join(vocabulary[:4])!r:.80}. Put the specials first."
            )
        ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        proto = piece_messages().ModelProto()
        Piece = proto.SentencePiece
        for token in vocabulary:
            content = None if token in SPECIALS else bytes_of(token)
            rank = last_rank(token, ranks) if content and len(content) > 1 else 0
            if content is None or rank is None or 0 in content:  # no text holds it
                kind = Piece.UNKNOWN if token == SPECIALS[UNK_ID] else Piece.CONTROL
                proto.pieces.add(piece=token, score=0.0, type=kind)
            else:
                piece = content.decode("latin-1")
                proto.pieces.add(piece=piece, score=-float(rank), type=Piece.NORMAL)
        trained, cleaned = proto.trainer_spec, proto.normalizer_spec
        trained.model_type, trained.vocab_size = trained.BPE, len(vocabulary)
        trained.pad_id, trained.unk_id, trained.bos_id, trained.eos_id = (
            PAD_ID,
            UNK_ID,
            START_ID,
            END_ID,
        )
        trained.pad_piece, trained.unk_piece, trained.bos_piece, trained.eos_piece = SPECIALS
        cleaned.name = "identity"
        cleaned.add_dummy_prefix = cleaned.escape_whitespaces = False
        cleaned.remove_extra_whitespaces = False
        return cls(proto.SerializeToString(), prefix_space, added_tokens)

    def tokens(self, text: str | bytes) -> list[str]:
        return [self.vocabulary[number] for number in self.encode(text)]

    def encode(self, text: str | bytes) -> list[int]:
        return self._encode(text, self.prefix_space)

    def encode_word(self, word: str) -> list[int]:
        """A word with a space before it, as `add_prefix_space` has it, to a list of int ids."""
        return self._encode(word, True)

    def _encode(self, text, prefix_space):
        found = []
        for part, token in self.added.split(self.clean(text)):
            found += self._ids_of(part, prefix_space) if token is None else [self.added_ids[token]]
        return found

    def _ids_of(self, part, prefix_space):
        """The ids of a text without added tokens."""
        if prefix_space and part and not part.startswith(" "):
            part = " " + part
        words = [word.encode("utf-8").decode("latin-1") for word in find_words().findall(part)]
        return [number for ids in self.pieces.processor.encode(words) for number in ids]

    @property
    def in_units(self) -> AddedTokens:
        """AddedTokens that `units` finds: those that take no space and are no mask, where a text
        is cut without a space before it."""
        sides = {} if self.prefix_space else self.added_tokens
        return AddedTokens({t: t for t, side in sides.items() if not side and t != self.mask})

    def units(self, text: str) -> list[Unit]:
        ids = []
        for part, token in self.in_units.split(text):
            of_text = token is None
            ids += self._ids_of(part, self.prefix_space) if of_text else [self.added_ids[token]]
        lengths = (len(self.contents[number]) for number in ids)
        prefix = -1 if self.prefix_space and text and not text.startswith(" ") else 0
        ends = list(itertools.accumulate(lengths, initial=prefix))[1:]
        return units_of_tokens(text, ids, ends, [len(each.encode()) for each in text])

    def tokenize_words(self, words: tf.Tensor) -> tf.RaggedTensor:
        return self.graph.tokenize_words(self._clean_graph(words))

    def units_graph(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        return self.graph.units(texts)

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return [self.token_ids[token] for token in tokens]

    def join(self, tokens: Sequence[int | str]) -> str:
        parts = (t.encode("utf-8") if isinstance(t, str) else self.contents[t] for t in tokens)
        return b"".join(parts).decode("utf-8", "replace")

    def make_graph(self) -> tf.Module:
        from kerasseq.text.byte_pair_graph import BytePairGraph

        return BytePairGraph(self)

    def files(self) -> dict[str, bytes]:
        return {"sentencepiece.model": self.model}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        return cls(files["sentencepiece.model"], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the model."""
        return {"prefix_space": self.prefix_space, "added_tokens": self.added_tokens}
