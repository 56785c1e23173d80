"""Subwords by WordPiece, as BERT cuts them (Devlin et al. 2019)."""

from __future__ import annotations

import functools
import typing
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from kerasseq.extras import missing
from kerasseq.text.added_tokens import AddedTokens
from kerasseq.text.character_kinds import is_dropped, is_ideograph, is_mark, stands_alone
from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import lowercase, normalize
from kerasseq.text.tokenizer import Tokenizer

if typing.TYPE_CHECKING:
    import tensorflow as tf

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class WordPieceTokenizer(Tokenizer):
    """Cuts words into the longest pieces that the vocabulary has, from the left.

    Text is cleaned first: control characters go; with `lowercase` the accents (marks that
    combine) go and letters become small; then white space, punctuation and Chinese ideographs
    cut words. A word that cannot be pieced together is one unknown token.

    A row for a model is `[CLS] text [SEP]`, or `[CLS] text [SEP] text [SEP]`. "[SEP]", "[MASK]"
    and the like that stand in a text are text: three tokens, never the symbol, as which
    Hugging Face's tokenizers read them. Added tokens are symbols: each is one token wherever
    it stands, inside a word too.

    Args:
        vocabulary: list of str, the pieces in id order, padding first; a piece inside a word
            begins with "##".
        lowercase: bool.
        strip_accents: bool; as `lowercase` by default.
        added_tokens: dict from str, tokens beside the pieces, to bool: False to look for the
            token in the text as it stands, True to clean it and look for it in cleaned text
            (`normalized` in Hugging Face's files). One that is no piece gets the next id.
        specials: five str, what the vocabulary calls padding, unknown, start, separator and
            mask, as "[PAD]", "[UNK]" and so on above; MPNet's are "<pad>", "[UNK]", "<s>", "</s>"
            and "<mask>".

    Raises:
        ValueError: when a special token is missing, a piece stands twice, or an added token
            is none that can be found in a text.
    """

    longest_word = 100
    unknown_id: int
    start_id: int
    end_id: int
    mask_id: int
    in_text: AddedTokens
    in_cleaned: AddedTokens

    def __init__(
        self,
        vocabulary: Iterable[str],
        lowercase: bool = True,
        strip_accents: bool | None = None,
        added_tokens: Mapping[str, bool] | None = None,
        specials: Sequence[str] = SPECIALS,
    ) -> None:
        self.vocabulary: list[str] = list(vocabulary)
        self.specials: tuple[str, ...] = tuple(specials)
        self.lowercase = lowercase
        self.strip_accents: bool = lowercase if strip_accents is None else strip_accents
        self.pieces: dict[str, int] = {piece: index for index, piece in enumerate(self.vocabulary)}
        if len(set(self.specials)) != len(SPECIALS):
            raise ValueError(
                f"Expected {len(SPECIALS)} different specials, as {', '.join(SPECIALS)}; received "
                f"{', '.join(map(str, self.specials)):.80}. Name each."
            )
        pad, *others = self.specials
        missing = [special for special in self.specials if special not in self.pieces]
        if missing or self.vocabulary[0] != pad or len(self.pieces) < len(self.vocabulary):
            raise ValueError(
                f"Expected different pieces, {pad} first and {', '.join(others)} "
                f"among them; received {len(self.vocabulary)} lines, "
                f"{len(self.pieces)} different, without {', '.join(missing) or 'none of these'}. "
                "Name a vocab.txt of BERT, or train one."
            )
        self.unknown_id, self.start_id, self.end_id, self.mask_id = (
            self.pieces[special] for special in others
        )
        self.separator_ids: tuple[int, ...] = (self.end_id,)
        self.lead_ids: tuple[int, ...] = (self.start_id,)
        self.close_ids: tuple[int, ...] = (self.end_id,)
        self.added_tokens: dict[str, bool] = dict(added_tokens or {})
        self.vocabulary += [token for token in self.added_tokens if token not in self.pieces]
        self.token_ids: dict[str, int] = {
            token: index for index, token in enumerate(self.vocabulary)
        }
        self._make_added_tokens()

    def _make_added_tokens(self):
        """Where the added tokens are looked for: in the text as it stands, or cleaned."""
        in_text, in_cleaned = {}, {}
        for token, cleaned in self.added_tokens.items():
            if not isinstance(token, str) or normalize(token) != token or " " in token:
                raise ValueError(
                    f"Expected an added token without white space, NUL or byte order mark; "
                    f"received {token!r}, which no text holds once it is read. Leave it out."
                )
            found = self._clean_letters(token) if cleaned else token
            if not found.strip(" ") or token in self.specials:
                raise ValueError(
                    f"Expected an added token beside {', '.join(self.specials)} of which cleaning "
                    f"leaves something; received {token!r}. Leave it out."
                )
            (in_cleaned if cleaned else in_text).setdefault(found, token)
        self.in_text, self.in_cleaned = AddedTokens(in_text), AddedTokens(in_cleaned)

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        vocabulary_size: int,
        lowercase: bool = True,
        strip_accents: bool | None = None,
    ) -> typing.Self:
        """Trains pieces on an iterable of lines, with Hugging Face's `tokenizers`.

        Args:
            lines: iterable of str.
            vocabulary_size: int, pieces with the five specials.
            lowercase: bool.
            strip_accents: bool; as `lowercase` by default.

        Raises:
            ImportError: without `tokenizers`.
            ValueError: for no text.
        """
        try:
            import tokenizers
        except ImportError as error:
            raise missing("wordpiece") from error
        lines = check_lines(lines)
        cutter = cls(SPECIALS, lowercase, strip_accents)
        trainer = tokenizers.trainers.WordPieceTrainer(
            vocab_size=vocabulary_size, special_tokens=list(SPECIALS), show_progress=False
        )
        trained = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token=SPECIALS[1]))
        trained.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
        trained.train_from_iterator((cutter.clean(line) for line in lines), trainer)
        pieces = trained.get_vocab()
        if len(pieces) == len(SPECIALS):
            raise ValueError(
                "Expected text to train WordPiece on; received no line with a character. Check "
                "the training file."
            )
        return cls(sorted(pieces, key=pieces.get), lowercase, strip_accents)

    def clean(self, text: str | bytes) -> str:
        """The line's words, marks, ideographs and added tokens, joined with spaces."""
        return " ".join(word for word, _ in self._words(text))

    def tokens(self, text: str | bytes) -> list[str]:
        found = []
        for word, token in self._words(text):
            found += self._pieces(word) if token is None else [token]
        return found

    def _words(self, text):
        """Yields the words of a text, each with None or the added token that it is."""
        for part, token in self.in_text.split(normalize(text)):
            if token is not None:
                yield part, token
                continue
            for word, token in self.in_cleaned.split(self._clean_letters(part)):
                if token is not None:
                    yield word, token
                    continue
                for each in word.translate(_SPACED).split(" "):
                    if each:
                        yield each, None

    def _clean_letters(self, text):
        """Text without controls, accents and capitals, and spaces around ideographs."""
        if self.strip_accents:
            text = unicodedata.normalize("NFD", text)
        text = text.translate(_cleaning(self.strip_accents))
        if self.lowercase:  # every letter by itself: no final sigma
            text = lowercase(text.replace("Σ", "σ"))
        return text

    def _pieces(self, word):
        """The pieces of one word; the unknown token alone when a part is in no piece."""
        found, start = [], 0
        while start < len(word):
            inside = "##" if start else ""
            ends = range(len(word), start, -1) if len(word) <= self.longest_word else ()
            end = next((end for end in ends if inside + word[start:end] in self.pieces), None)
            if end is None:
                return [self.vocabulary[self.unknown_id]]
            found.append(inside + word[start:end])
            start = end
        return found

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return [self.token_ids[token] for token in tokens]

    def join(self, tokens: Sequence[int | str]) -> str:
        words = (t if isinstance(t, str) else self.vocabulary[t] for t in tokens)
        return " ".join(words).replace(" ##", "")

    def make_graph(self) -> tf.Module:
        from kerasseq.text.wordpiece_graph import WordPieceGraph

        return WordPieceGraph(self)

    def files(self) -> dict[str, bytes]:
        return {"vocab.txt": "".join(f"{piece}\n" for piece in self.pieces).encode("utf-8")}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        return cls(files["vocab.txt"].decode("utf-8").split("\n")[:-1], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the pieces."""
        return {
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
            "added_tokens": self.added_tokens,
            "specials": list(self.specials),
        }


class _Replacements(dict):
    """What becomes of each character, found when it is first met, for `str.translate`.

    Args:
        replace: function from a character to the str in its place.
    """

    def __init__(self, replace):
        super().__init__()
        self.replace = replace

    def __missing__(self, code):
        self[code] = found = self.replace(chr(code))
        return found


@functools.cache
def _cleaning(strip_accents):
    def replace(character):
        if is_dropped(character) or (strip_accents and is_mark(character)):
            return ""
        return f" {character} " if is_ideograph(character) else character

    return _Replacements(replace)


_SPACED = _Replacements(lambda one: f" {one} " if stands_alone(one) else one)
