"""Attention between words, from attention between their pieces."""

import numpy as np


def join_pieces(source_tokens, tokens, attention):
    """Sums the attention that a word's pieces receive and averages the attention they pay.

    Pieces are those of SentencePiece ("▁" begins a word) and WordPiece ("##" goes on).

    Args:
        source_tokens: list of `S` str.
        tokens: list of `T` str.
        attention: float array `(…, T, S)`.

    Returns:
        source words, words, and a float array between them.
    """
    columns, rows = groups(source_tokens), groups(tokens)
    given = np.stack([attention[..., c].sum(axis=-1) for c in columns], axis=-1)
    joined = np.stack([given[..., r, :].mean(axis=-2) for r in rows], axis=-2)
    return words_of(source_tokens), words_of(tokens), joined


def words_of(tokens):
    """Joins pieces to words: a list of str."""
    return [
        "".join(tokens[i].removeprefix("##") for i in places).replace("▁", "")
        for places in groups(tokens)
    ]


def groups(tokens):
    """The places of the pieces of each word: a list of lists of int."""
    pieces = any(token.startswith("▁") for token in tokens)
    found = []
    for place, token in enumerate(tokens):
        goes_on = pieces and not token.startswith("▁") and not _is_special(token)
        inside = token.startswith("##") or goes_on
        if inside and found and not _is_special(tokens[found[-1][-1]]):
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _is_special(token):
    return token[:1] in ("<", "[") and token[-1:] in (">", "]") and len(token) > 2
