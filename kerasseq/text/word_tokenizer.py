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

PUNCTUATION = "([!-/:-@\\[-`{-~¡¿«»…“”„‚‘’–—])"
# Applied in this order to the joined tokens; both Python's re and RE2 read them.
ATTACH = (
    (" ([.,!?;:%)\\]}…»”])", r"\1"),
    ("([(\\[{«„¡¿]) ", r"\1"),
    (" (['’/–-]) ", r"\1"),
)


class WordTokenizer(Tokenizer):
    """Splits at white space, or also around punctuation.

    Args:
        vocabulary: Vocabulary or list of str.
        lowercase: bool, lower-case first.
        split: "whitespace" keeps "Schnee." whole; "punctuation" makes each mark a token, and
            attaches it again when tokens are joined.

    Raises:
        ValueError: for another `split`, or an empty vocabulary.
    """

    cuts_words = True

    def __init__(
        self,
        vocabulary: Vocabulary | Iterable[str],
        lowercase: bool = False,
        split: typing.Literal["whitespace", "punctuation"] = "whitespace",
    ) -> None:
        if split not in ("whitespace", "punctuation"):
            raise ValueError(
                f'Expected split to be "whitespace" or "punctuation"; received {split!r}. '
                "Choose one."
            )
        self.lowercase = lowercase
        self.split = split
        words = vocabulary.tokens if isinstance(vocabulary, Vocabulary) else vocabulary
        self._vocabulary = Vocabulary(words)
        self.vocabulary = self._vocabulary.tokens

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        min_frequency: int = 1,
        vocabulary_size: int | None = None,
        *,
        lowercase: bool = False,
        split: typing.Literal["whitespace", "punctuation"] = "whitespace",
    ) -> typing.Self:
        """Counts the words of an iterable of lines; see `Vocabulary.count`."""
        lines = check_lines(lines)
        cutter = cls(["<pad>", "<unk>", "<s>", "</s>", "-"], lowercase, split)
        words = (word for line in lines for word in cutter.tokens(line))
        return cls(Vocabulary.count(words, min_frequency, vocabulary_size), lowercase, split)

    def clean(self, text: str | bytes) -> str:
        text = normalize(text)
        return lowercase(text) if self.lowercase else text

    def tokens(self, text: str | bytes) -> list[str]:
        text = self.clean(text)
        if self.split == "punctuation":
            text = re.sub(PUNCTUATION, r" \1 ", text)
        return [word for word in text.split(" ") if word]

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return [self._vocabulary.ids.get(token, UNK_ID) for token in tokens]

    def join(self, tokens: Sequence[int | str]) -> str:
        text = " ".join(t if isinstance(t, str) else self.vocabulary[t] for t in tokens)
        if self.split == "punctuation":
            for pattern, by in ATTACH:
                text = re.sub(pattern, by, text)
        return text

    def make_graph(self) -> tf.Module:
        import tensorflow as tf

        from kerasseq.text.table_graph import TableGraph

        def cut(texts):
            if self.lowercase:
                texts = tf.strings.lower(texts, encoding="utf-8")
            if self.split == "punctuation":
                texts = tf.strings.regex_replace(texts, PUNCTUATION, r" \1 ")
            return tf.strings.split(texts)

        def join(words):
            texts = tf.strings.reduce_join(words, axis=-1, separator=" ")
            if self.split == "punctuation":
                for pattern, by in ATTACH:
                    texts = tf.strings.regex_replace(texts, pattern, by)
            return texts

        return TableGraph(self._vocabulary, cut, join)

    def files(self) -> dict[str, bytes]:
        return {"vocabulary.txt": "".join(f"{t}\n" for t in self.vocabulary).encode("utf-8")}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        return cls(files["vocabulary.txt"].decode("utf-8").split("\n")[:-1], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the vocabulary."""
        return {"lowercase": self.lowercase, "split": self.split}
