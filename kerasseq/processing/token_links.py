"""Links between the tokens of a pair, from those between its words."""

from __future__ import annotations

import collections
import re
import typing
from collections.abc import Iterable

from kerasseq.processing.aligned_units import unit_of_tokens

if typing.TYPE_CHECKING:
    from kerasseq.processing.word_links import Link
    from kerasseq.text.tokenizer import Tokenizer

WORD = re.compile(r"\S+")


def token_links(
    links: Iterable[Link], texts: tuple[str, str], tokenizers: tuple[Tokenizer, Tokenizer]
) -> list[Link]:
    """Links every token of a word to every token of the words that it is linked to.

    Args:
        links: iterable of `(source, target)` positions of words, which white space parts.
        texts: the source and the target, cleaned.
        tokenizers: Tokenizer of each.

    Returns:
        list of `(source, target)` positions of tokens, in order, each once.
    """
    sources, targets = map(_tokens_of_words, texts, tokenizers)
    return sorted(
        {(i, j) for source, target in links for i in sources[source] for j in targets[target]}
    )


def _tokens_of_words(text, tokenizer):
    """The positions of the tokens of each word, lists by the word's position."""
    found = collections.defaultdict(list)
    words = [each.span() for each in WORD.finditer(text)]
    for token, word in enumerate(unit_of_tokens(text, words, tokenizer.tokens(text))):
        found[word].append(token)
    return found
