"""Subwords by WordPiece, as BERT cuts them (Devlin et al. 2019)."""

import functools
import unicodedata

from kerasseq.text.character_kinds import is_dropped, is_mark, stands_alone
from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import lowercase, normalize
from kerasseq.text.tokenizer import Tokenizer

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class WordPieceTokenizer(Tokenizer):
    """Cuts words into the longest pieces that the vocabulary has, from the left.

    Text is cleaned first: control characters go; with `lowercase` the accents (marks that
    combine) go and letters become small; then white space, punctuation and Chinese ideographs
    cut words. A word that cannot be pieced together is one unknown token.

    A row for a model is `[CLS] text [SEP]`, or `[CLS] text [SEP] text [SEP]`. "[SEP]", "[MASK]"
    and the like that stand in a text are text: three tokens, never the symbol, as which
    Hugging Face's tokenizers read them.

    Args:
        vocabulary: list of str, the pieces in id order, `[PAD]` first; a piece inside a word
            begins with "##".
        lowercase: bool.
        strip_accents: bool; as `lowercase` by default.

    Raises:
        ValueError: when a special token is missing or a piece stands twice.
    """

    longest_word = 100

    def __init__(self, vocabulary, lowercase=True, strip_accents=None):
        self.vocabulary = list(vocabulary)
        self.lowercase = lowercase
        self.strip_accents = lowercase if strip_accents is None else strip_accents
        self.pieces = {piece: index for index, piece in enumerate(self.vocabulary)}
        missing = [special for special in SPECIALS if special not in self.pieces]
        if missing or self.vocabulary[0] != SPECIALS[0] or len(self.pieces) < len(self.vocabulary):
            raise ValueError(
                f"Expected different pieces, {SPECIALS[0]} first and {', '.join(SPECIALS[1:])} "
                f"among them; received {len(self.vocabulary)} lines, "
                f"{len(self.pieces)} different, without {', '.join(missing) or 'none of these'}. "
                "Name a vocab.txt of BERT, or train one."
            )
        self.unknown_id, self.start_id, self.end_id, self.mask_id = (
            self.pieces[special] for special in SPECIALS[1:]
        )
        self.separator_id = self.end_id
        self.lead_ids, self.close_ids = (self.start_id,), (self.end_id,)

    @classmethod
    def train(cls, lines, vocabulary_size, lowercase=True, strip_accents=None):
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
            raise ImportError(
                "Expected tokenizers to train WordPiece; it is not installed. Install "
                "kerasseq[wordpiece]."
            ) from error
        check_lines(lines)
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

    def clean(self, text):
        """The line's words, marks and ideographs, joined with spaces."""
        text = normalize(text)
        if self.strip_accents:
            text = unicodedata.normalize("NFD", text)
        text = text.translate(_cleaning(self.strip_accents))
        if self.lowercase:  # every letter by itself: no final sigma
            text = lowercase(text.replace("Σ", "σ"))
        return " ".join(word for word in text.split(" ") if word)

    def tokens(self, text):
        return [piece for word in self.clean(text).split(" ") for piece in self._pieces(word)]

    def _pieces(self, word):
        """The pieces of one word; the unknown token alone when a part is in no piece."""
        found, start = [], 0
        while start < len(word):
            inside = "##" if start else ""
            ends = range(len(word), start, -1) if len(word) <= self.longest_word else ()
            end = next((end for end in ends if inside + word[start:end] in self.pieces), None)
            if end is None:
                return [SPECIALS[1]]
            found.append(inside + word[start:end])
            start = end
        return found

    def ids(self, tokens):
        return [self.pieces[token] for token in tokens]

    def join(self, tokens):
        words = (t if isinstance(t, str) else self.vocabulary[t] for t in tokens)
        return " ".join(words).replace(" ##", "")

    def make_graph(self):
        from kerasseq.text.wordpiece_graph import WordPieceGraph

        return WordPieceGraph(self)

    def files(self):
        return {"vocab.txt": "".join(f"{piece}\n" for piece in self.vocabulary).encode("utf-8")}

    @classmethod
    def from_files(cls, files, config):
        return cls(files["vocab.txt"].decode("utf-8").split("\n")[:-1], **config)

    def get_config(self):
        """The settings beside the pieces."""
        return {"lowercase": self.lowercase, "strip_accents": self.strip_accents}


class _Cleaning(dict):
    """What becomes of each character, found when it is first met."""

    def __init__(self, strip_accents):
        super().__init__()
        self.strip_accents = strip_accents

    def __missing__(self, code):
        character = chr(code)
        if is_dropped(character) or (self.strip_accents and is_mark(character)):
            found = ""
        else:
            found = f" {character} " if stands_alone(character) else character
        self[code] = found
        return found


@functools.cache
def _cleaning(strip_accents):
    return _Cleaning(strip_accents)
