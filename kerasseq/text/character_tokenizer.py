"""Characters as tokens."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterable, Sequence

from kerasseq.text.checks import check_lines
from kerasseq.text.normalize import lowercase
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import UNK_ID, Vocabulary
from kerasseq.untrusted import parse_json

if typing.TYPE_CHECKING:
    import tensorflow as tf


class CharacterTokenizer(Tokenizer):
    """One token a Unicode code point; a space is a token like any other.

    Args:
        vocabulary: Vocabulary or list of str.
        lowercase: bool, lower-case first.
        keep_whitespace: bool, every space, tab and line break is a token as it stands; otherwise
            white space becomes one space.
    """

    def __init__(
        self,
        vocabulary: Vocabulary | Iterable[str],
        lowercase: bool = False,
        *,
        keep_whitespace: bool = False,
    ) -> None:
        self.lowercase = lowercase
        self.keep_whitespace: bool = keep_whitespace
        tokens = vocabulary.tokens if isinstance(vocabulary, Vocabulary) else vocabulary
        self._vocabulary = Vocabulary(tokens)
        self.vocabulary: list[str] = self._vocabulary.tokens

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        min_frequency: int = 1,
        vocabulary_size: int | None = None,
        *,
        lowercase: bool = False,
        keep_whitespace: bool = False,
    ) -> typing.Self:
        """Counts the characters of an iterable of lines; see `Vocabulary.count`."""
        lines = check_lines(lines)
        options = {"lowercase": lowercase, "keep_whitespace": keep_whitespace}
        cutter = cls(["<pad>", "<unk>", "<s>", "</s>", "-"], **options)
        characters = (character for line in lines for character in cutter.tokens(line))
        return cls(Vocabulary.count(characters, min_frequency, vocabulary_size), **options)

    def clean(self, text: str | bytes) -> str:
        text = super().clean(text)
        return lowercase(text) if self.lowercase else text

    def tokens(self, text: str | bytes) -> list[str]:
        return list(self.clean(text))

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return [self._vocabulary.ids.get(token, UNK_ID) for token in tokens]

    def join(self, tokens: Sequence[int | str]) -> str:
        return "".join(t if isinstance(t, str) else self.vocabulary[t] for t in tokens)

    def make_graph(self) -> tf.Module:
        import tensorflow as tf

        from kerasseq.text.table_graph import TableGraph

        def cut(texts):
            if self.lowercase:
                texts = tf.strings.lower(texts, encoding="utf-8")
            return tf.strings.unicode_split(texts, "UTF-8")

        return TableGraph(
            self._vocabulary, cut, lambda tokens: tf.strings.reduce_join(tokens, axis=-1)
        )

    def files(self) -> dict[str, bytes]:
        if self.keep_whitespace:  # a line break among the tokens
            return {"vocabulary.json": json.dumps(self.vocabulary, indent=0).encode("utf-8")}
        return {"vocabulary.txt": "".join(f"{t}\n" for t in self.vocabulary).encode("utf-8")}

    @classmethod
    def from_files(cls, files: dict[str, bytes], config: dict[str, typing.Any]) -> typing.Self:
        if config.get("keep_whitespace"):
            return cls(parse_json(files["vocabulary.json"], "vocabulary.json", list), **config)
        return cls(files["vocabulary.txt"].decode("utf-8").split("\n")[:-1], **config)

    def get_config(self) -> dict[str, typing.Any]:
        """The settings beside the vocabulary."""
        return {"lowercase": self.lowercase, "keep_whitespace": self.keep_whitespace}
