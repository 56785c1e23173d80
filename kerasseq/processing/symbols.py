"""Token ids with the symbols that begin and end them.

What is read is closed with the end symbol. A decoder is given the start symbol first, and should
answer the same ids one place further, the end symbol last. Models of many languages have further
symbols around both, which `PairSymbols` names.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

from kerasseq.processing.packing import between
from kerasseq.text.vocabulary import PAD_ID

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.text.tokenizer import Tokenizer


class PairSymbols(typing.NamedTuple):
    """The symbols around the texts of a pair, beside the end symbol behind each.

    Attributes:
        source_before: tuple of int, ids before a source, as a language's code is.
        source_behind: tuple of int, ids behind a source's end symbol.
        target_before: tuple of int, what a target begins with; () for the target tokenizer's
            start symbol. The decoder is given the first; the others, its prefix, are written
            into every target and not asked for.
    """

    source_before: tuple[int, ...] = ()
    source_behind: tuple[int, ...] = ()
    target_before: tuple[int, ...] = ()

    @property
    def prefix(self) -> tuple[int, ...]:
        """The ids of a target that are given, behind the first."""
        return self.target_before[1:]

    @property
    def around_source(self) -> int:
        """How many symbols a source has beside its end symbol."""
        return len(self.source_before) + len(self.source_behind)

    def check(self, source: Tokenizer, target: Tokenizer, lengths: dict[str, int]) -> None:
        """Refuses symbols that are no ids of a tokenizer, or lengths with no room beside them.

        Args:
            source, target: Tokenizer.
            lengths: dict of int, that of the source by its name, then the target's.

        Raises:
            ValueError: see above.
        """
        for name, tokenizer in zip(self._fields, (source, source, target), strict=True):
            size = tokenizer.vocabulary_size
            if not all(type(i) is int and 0 < i < size for i in getattr(self, name)):
                raise ValueError(
                    f"Expected {name} of ids from 1 to {size - 1}, the tokenizer's; received "
                    f"{getattr(self, name)!r:.80}. Give ids of its vocabulary."
                )
        beside = self.around_source, len(self.prefix)
        for (name, length), count in zip(lengths.items(), beside, strict=True):
            if count and length < count + 2:
                raise ValueError(
                    f"Expected {name} of at least {count + 2} tokens, {count} of them symbols; "
                    f"received {length}. Raise it."
                )

    def start_id(self, tokenizer: Tokenizer) -> int:
        """The id that a decoder is given first, of the target's Tokenizer by default."""
        return self.target_before[0] if self.target_before else tokenizer.start_id


PLAIN = PairSymbols()


def source_ids(
    tokenizer: Tokenizer, ids: Sequence[int], max_length: int, symbols: PairSymbols = PLAIN
) -> list[int]:
    """The ids of a source with their symbols, cut before its end symbol to `max_length`."""
    closed = closed_ids(tokenizer, ids, max_length - symbols.around_source)
    return [*symbols.source_before, *closed, *symbols.source_behind]


def source_ids_graph(
    tokenizer: Tokenizer, ids: tf.RaggedTensor, max_length: int, symbols: PairSymbols = PLAIN
) -> tf.RaggedTensor:
    """The same for ragged int32 ids `(B, None)`."""
    import tensorflow as tf

    before, behind = (between(each, ids) for each in symbols[:2])
    closed = closed_ids_graph(tokenizer, ids, max_length - symbols.around_source)
    return tf.concat([before, closed, behind], axis=1)


def closed_ids(
    tokenizer: Tokenizer, ids: Sequence[int], max_length: int | None = None
) -> list[int]:
    """Ids with the end symbol behind them; what is longer than `max_length` is cut before it."""
    return [*(ids if max_length is None else ids[: max_length - 1]), tokenizer.end_id]


def closed_ids_graph(
    tokenizer: Tokenizer, ids: tf.RaggedTensor, max_length: int | None = None
) -> tf.RaggedTensor:
    """The same for ragged int32 ids `(B, None)`."""
    import tensorflow as tf

    if max_length is not None:
        ids = ids[:, : max_length - 1]
    end = tf.fill((ids.nrows(), 1), tokenizer.end_id)
    return tf.concat([ids, tf.RaggedTensor.from_tensor(end)], axis=1)


def cut_closed_graph(closed: tf.Tensor, max_length: int) -> tf.Tensor:
    """One row `(S,)` that is closed already, cut before its end symbol to `max_length`."""
    import tensorflow as tf

    return tf.concat([closed[:-1][: max_length - 1], closed[-1:]], 0)


def target_ids(tokenizer: Tokenizer, text: str, max_length: int) -> list[int]:
    """What is scored of a target: its ids and the end symbol, the first `max_length` of them."""
    return closed_ids(tokenizer, tokenizer.encode(text))[:max_length]


def target_ids_graph(tokenizer: Tokenizer, texts: tf.Tensor, max_length: int) -> tf.Tensor:
    """The same for strings `(B,)`: int32 ids `(B, T)`, padded with 0."""
    return closed_ids_graph(tokenizer, tokenizer.tokenize(texts))[:, :max_length].to_tensor()


def given_ids(
    tokenizer: Tokenizer, following: Sequence[int], symbols: PairSymbols = PLAIN
) -> list[int]:
    """What the decoder is given to answer `following`: what a target begins with, and all but
    the last."""
    return [symbols.start_id(tokenizer), *symbols.prefix, *following[:-1]]


def given_ids_graph(
    tokenizer: Tokenizer, following: tf.Tensor, symbols: PairSymbols = PLAIN
) -> tf.Tensor:
    """The same for int32 ids `(B, T)`, padded with 0, as each row of the result is."""
    import tensorflow as tf

    before = tf.constant([[symbols.start_id(tokenizer), *symbols.prefix]])
    before = tf.repeat(before, tf.shape(following)[0], axis=0)
    shifted = tf.concat([before, following[:, :-1]], axis=1)
    real = following != tokenizer.pad_id
    real = tf.concat([tf.repeat(real[:, :1], len(symbols.prefix), axis=1), real], axis=1)
    return tf.where(real, shifted, tokenizer.pad_id)


def asked_ids(following: Sequence[int], symbols: PairSymbols = PLAIN) -> list[int]:
    """`following`, with padding where `given_ids` has the prefix: what is asked at each place."""
    return [*[PAD_ID] * len(symbols.prefix), *following]


def asked_ids_graph(following: tf.Tensor, symbols: PairSymbols = PLAIN) -> tf.Tensor:
    """The same for int32 ids `(B, T)`, padded with 0."""
    import tensorflow as tf

    if not symbols.prefix:
        return following
    return tf.pad(following, [[0, 0], [len(symbols.prefix), 0]], constant_values=PAD_ID)


def teacher_forcing(
    tokenizer: Tokenizer, source: tf.Tensor, following: tf.Tensor, symbols: PairSymbols = PLAIN
) -> tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor]:
    """A batch to `fit`'s triple: the model sees one token, and is asked for the next.

    Args:
        tokenizer: Tokenizer of the target.
        source: tensor `(B, …)`.
        following: int32 tensor `(B, T)`, ids that end with the end symbol, padded with 0.
        symbols: PairSymbols, whose prefix of `P` tokens is given, and asked of no model.

    Returns:
        dict of `source` and `target` `(B, P + T)`, which begins with the start symbol; the next
        tokens `(B, P + T)`, padding before `following`; and float32 weights `(B, P + T)`, 1 for
        a real token of `following`.
    """
    import tensorflow as tf

    inputs = {"source": source, "target": given_ids_graph(tokenizer, following, symbols)}
    asked = asked_ids_graph(following, symbols)
    return inputs, asked, tf.cast(asked != tokenizer.pad_id, tf.float32)


def tokens_graph(tokenizer: Tokenizer, ids: tf.Tensor) -> tf.Tensor:
    """The tokens of padded ids `(B, T)` as strings, "" for padding."""
    import tensorflow as tf

    return tf.where(ids == tokenizer.pad_id, "", tf.gather(tf.constant(tokenizer.vocabulary), ids))
