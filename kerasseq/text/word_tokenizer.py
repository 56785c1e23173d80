"""Words as tokens."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Sequence

from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import lowercase, normalize
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import UNK_ID, Vocabulary

if typing.TYPE_CHECKING:
    import tensorflow as tf

JOINER = "￭"
PUNCTUATION = "([!-/:-@\\[-`{-~¡¿«»…“”„‚‘’–—])"
# Replacements of the cleaned text and of the joined tokens, applied in this order; both Python's
# re and RE2 read them.
CUT = ((PUNCTUATION, r" \1 "),)
ATTACH = (
    (" ([.,!?;:%)\\]}…»”])", r"\1"),
    ("([(\\[{«„¡¿]) ", r"\1"),
    (" (['’/–-]) ", r"\1"),
)
# With joiners, NUL, which no cleaned text holds, stands first on both sides of every mark. Those
# at a space or an end go; of the others each becomes a joiner on the mark that it touches, between
# two marks on the second.
CUT_WITH_JOINERS = (
    (JOINER, "■"),
    (PUNCTUATION, "\0\\1\0"),
    ("\\x00* \\x00*|^\\x00|\\x00$", " "),
    (f"\\x00+{PUNCTUATION}", rf" {JOINER}\1"),
    ("\\x00", f"{JOINER} "),
)
ATTACH_WITH_JOINERS = ((f" ?{JOINER} ?", ""),)


class WordTokenizer(Tokenizer):
    """Splits at white space, or also around punctuation.

    With `split="punctuation"` each mark is a token. Joiners, as OpenNMT's tokenizer writes them,
    say where a mark stood without a space: "(about 1,234.56)" is cut into "(￭", "about", "1",
    "￭,￭", "234", "￭.￭", "56", "￭)". So every text comes back exactly as it was cleaned, as long as
    its tokens are in the vocabulary, with one exception: its own "￭" comes back as "■". A mark
    has up to four tokens, with a joiner on either side, on both or on none.

    Without joiners a mark is one token, and rules join the tokens: no space before
    ".,!?;:%)]}…»”", none after "([{«„¡¿", none around "'’/–-". What is written otherwise does not
    come back: "1,234.56", "12:30", "e.g.", an address, straight quotes, "a - b".

    Args:
        vocabulary: Vocabulary or list of str.
        lowercase: bool, lower-case first.
        split: "whitespace" keeps "Schnee." whole; "punctuation" makes each mark a token.
        joiners: bool, for "punctuation". A folder that was saved without this setting is loaded
            with False.

    Raises:
        ValueError: for another `split`, or an empty vocabulary.
    """

    cuts_words: bool = True

    def __init__(
        self,
        vocabulary: Vocabulary | Iterable[str],
        lowercase: bool = False,
        split: typing.Literal["whitespace", "punctuation"] = "whitespace",
        joiners: bool = True,
    ) -> None:
        if split not in ("whitespace", "punctuation"):
            raise ValueError(
                f'Expected split to be "whitespace" or "punctuation"; received {split!r}. '
                "Choose one."
            )
        self.lowercase = lowercase
        self.split = split
        self.joiners: bool = joiners and split == "punctuation"
        self._cut = self._attach = ()
        if split == "punctuation":
            self._cut = CUT_WITH_JOINERS if joiners else CUT
            self._attach = ATTACH_WITH_JOINERS if joiners else ATTACH
        words = vocabulary.tokens if isinstance(vocabulary, Vocabulary) else vocabulary
        self._vocabulary = Vocabulary(words)
        self.vocabulary: list[str] = self._vocabulary.tokens

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        min_frequency: int = 1,
        vocabulary_size: int | None = None,
        *,
        lowercase: bool = False,
        split: typing.Literal["whitespace", "punctuation"] = "whitespace",
        joiners: bool = True,
    ) -> typing.Self:
        """Counts the words of an iterable of lines; see `Vocabulary.count`."""
        lines = check_lines(lines)
        cutter = cls(["<pad>", "<unk>", "<s>", "</s>", "-"], lowercase, split, joiners)
        words = (word for line in lines for word in cutter.tokens(line))
        vocabulary = Vocabulary.count(words, min_frequency, vocabulary_size)
        return cls(vocabulary, lowercase, split, joiners)

    def clean(self, text: str | bytes) -> str:
        text = normalize(text)
        return lowercase(text) if self.lowercase else text

    def tokens(self, text: str | bytes) -> list[str]:
        text = self.clean(text)
        for pattern, by in self._cut:
            text = re.sub(pattern, by, text)
        return [word for word in text.split(" ") if word]

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return [self._vocabulary.ids.get(token, UNK_ID) for token in tokens]

    def join(self, tokens: Sequence[int | str]) -> str:
        text = " ".join(t if isinstance(t, str) else self.vocabulary[t] for t in tokens)
        for pattern, by in self._attach:
            text = re.sub(pattern, by, text)
        return text

    def make_graph(self) -> tf.Module:
        import tensorflow as tf

        from kerasseq.text.table_graph import TableGraph

        def cut(texts):
            if self.lowercase:
                texts = tf.strings.lower(texts, encoding="utf-8")
            for pattern, by in self._cut:
                texts = tf.strings.regex_replace(texts, pattern, by)
            return tf.strings.split(texts)

        def join(words):
            texts = tf.strings.reduce_join(words, axis=-1, separator=" ")
            for pattern, by in self._attach:
                texts = tf.strings.regex_replace(texts, pattern, by)
            return texts

        return TableGraph(self._vocabulary, cut, join)

    def files(self) -> dict[str, bytes]:
        return {"vocabulary.txt": "".join(f"{t}\n" for t in self.vocabulary).encode("utf-8")}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        words = files["vocabulary.txt"].decode("utf-8").split("\n")[:-1]
        return cls(words, **({"joiners": False} | config))

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the vocabulary."""
        return {"lowercase": self.lowercase, "split": self.split, "joiners": self.joiners}
