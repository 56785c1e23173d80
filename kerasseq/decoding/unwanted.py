"""Terms that must not stand in the text of a target, however it is cut into tokens."""

from __future__ import annotations

import typing

import numpy as np

from kerasseq.decoding.ranks import pick
from kerasseq.decoding.repetition import marked
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor

WIDEST = 64  # bytes of a term
BYTE = 256  # codes from here on are those of bytes in a word


class Spelled(typing.Protocol):
    """What tokens write; see `kerasseq.text.spelling.Spelling`."""

    codes: typing.Any
    lengths: typing.Any
    joins: typing.Any
    ends_in_word: typing.Any


class Unwanted:
    """The terms that the target of each source must not have, for one run of a beam.

    A term is looked for in the bytes that are written: behind it no word may end there; no token
    comes within which it may end. A hypothesis carries its tail, the last codes written.

    `F` terms of `W` bytes, at most 64, `K` hypotheses.

    Args:
        sizes: int32 tensor `(B, F)`, the bytes of each; 0 for none.
        codes: int32 tensor `(B, F, W)`, the codes of each, padded with 0 before them.
        spelling: what the tokens of the vocabulary write; see `kerasseq.text.spelling`.
    """

    def __init__(self, sizes: Tensor, codes: Tensor, spelling: Spelled) -> None:
        self.sizes: Tensor = sizes
        self.codes: Tensor = codes
        self.written: Tensor = ops.convert_to_tensor(spelling.codes)
        self.lengths: Tensor = ops.convert_to_tensor(spelling.lengths)
        # Behind a term only what makes it another word may come. Where no token does, a term
        # stands for good once it is written, and anything may come behind one that was given.
        self.lasts: bool = not np.any(spelling.joins)
        self.joins: Tensor = ops.convert_to_tensor(spelling.joins | self.lasts)
        self.inside: Tensor | None = self._inside(spelling)

    def nothing(self) -> Tensor:
        """The tail `(B, W + 1)` before anything is written."""
        tail = ops.zeros_like(self.codes[:, 0])
        return ops.concatenate([tail, tail[:, :1]], axis=-1)

    def never(self, tail: Tensor) -> Tensor:
        """Bool `(B, K, V)`, tokens that may not come behind tails `(B, K, W + 1)`."""
        word = self.codes[:, None, :, -1] >= BYTE  # (B, 1, F), a word's last character
        stands = ops.any(self._stands(tail) & word, axis=-1)  # (B, K)
        never = stands[..., None] & ~self.joins
        return never if self.inside is None else never | self.inside[:, None]

    def stand(self, tail: Tensor, ids: Tensor, left: Tensor) -> tuple[Tensor, Tensor]:
        """What stands once tails `(B, K, W + 1)` go on with tokens `(B, K, M)`.

        Returns:
            two bool `(B, K, M)`: whether a term stands that they wrote, and whether one does
            that nothing can make another word, or not any more, with so many tokens `left`,
            `(B or 1, 1, 1)`.
        """
        shape = ops.shape(ids)
        tail = ops.repeat(tail, shape[2], axis=1)  # (B, K * M, W + 1)
        stands = self._stands(self.behind(tail, ops.reshape(ids, (shape[0], -1))))
        stays = stands & ((left <= 0) | self.lasts | (self.codes[:, None, :, -1] < BYTE))
        writes = ops.take(self.lengths, ids) > 0
        return tuple(
            ops.reshape(ops.any(each, axis=-1), shape) & writes for each in (stands, stays)
        )

    def behind(self, tail: Tensor, tokens: Tensor) -> Tensor:
        """The last codes `(B, N, W + 1)` of `(B, N, W + 1)` behind tokens `(B, N)`."""
        _, count, width = ops.shape(tail)
        flat = ops.reshape(tokens, (-1,))
        both = [ops.reshape(tail, (-1, width)), ops.take(self.written, flat, axis=0)]
        places = ops.take(self.lengths, flat)[:, None] + ops.arange(width, dtype="int32")[None]
        return ops.reshape(pick(ops.concatenate(both, axis=1), places), (-1, count, width))

    def _inside(self, spelling):
        """Bool `(B, V)`: tokens within which an unwanted term may end, whatever stands before
        them; None where no token is such that a term could."""
        windows, goes_on, tokens = (
            ops.convert_to_tensor(each)[None] for each in _windows(spelling)
        )
        if not tokens.shape[1]:
            return None
        windows = windows[:, :, WIDEST - ops.shape(self.codes)[2] :]
        stands = self._stands(windows, ops.equal(windows, 0))  # (B, Q, F)
        stands &= (self.codes[:, None, :, -1] < BYTE) | ~goes_on[..., None]
        ids = ops.where(ops.any(stands, axis=-1), tokens, PAD_ID)  # (B, Q)
        return marked(ids, self.joins.shape[0])

    def _stands(self, tail, free=None):
        """Bool `(B, N, F)`: unwanted terms that the last codes `(B, N, W + 1)` end in; where
        `free`, bool of the same shape, any code may stand."""
        asked = self.codes[:, None]  # (B, 1, F, W)
        padded = ops.equal(asked, 0)
        same = ops.equal(tail[:, :, None, 1:] % BYTE, asked % BYTE)
        if free is not None:
            same |= free[:, :, None, 1:]
        stands = ops.all(same | padded, axis=-1)  # (B, N, F)
        size, widest = self.sizes[:, None], ops.shape(asked)[3]  # (B, 1, F)
        # A word's character before a term that begins with one makes it another word.
        places = ops.arange(widest + 1, dtype="int32")
        before = ops.equal(places, widest - size[..., None])
        goes_on = ops.any(before & (tail[:, :, None] >= BYTE), axis=-1)
        begins = ops.equal(places[:-1], widest - size[..., None])
        goes_on &= ops.any(begins & (asked >= BYTE), axis=-1)
        return stands & ~goes_on & (size > 0)


def apart(leaves: Tensor, heads: Tensor) -> Tensor:
    """`(B, N * M)` to `(B, N, M)`, by the numbers `(B, N)` that are beside each."""
    return ops.reshape(leaves, (*ops.shape(heads), -1))


def _windows(spelling):
    """The places within tokens at which a term could end: what stands before each.

    Args:
        spelling: see `Terms`.

    Returns:
        int32 arrays `(Q, W + 1)`, the codes up to there, behind zeros; bool `(Q,)`, whether a
        word goes on behind; and int32 `(Q,)`, the token.
    """
    windows, behind, tokens = [], [], []
    codes, lengths = spelling.codes, spelling.lengths
    for end in range(1, codes.shape[1]):
        goes_on = codes[:, end] >= BYTE
        mark = codes[:, end - 1] < BYTE
        if end == 1:
            mark &= codes[:, 0] != ord(" ")
        (found,) = np.nonzero((end < lengths) & (~goes_on | mark))
        window = np.zeros((len(found), WIDEST + 1), "int32")
        first = max(0, end - WIDEST - 1)
        window[:, WIDEST + 1 - (end - first) :] = codes[found, first:end]
        windows.append(window)
        behind.append(goes_on[found])
        tokens.append(found.astype("int32"))
    if not windows:
        return np.zeros((0, WIDEST + 1), "int32"), np.zeros(0, "bool"), np.zeros(0, "int32")
    return np.concatenate(windows), np.concatenate(behind), np.concatenate(tokens)
