"""What is given as text: one line, a pair, or many, in whatever holds them."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping


def check_lines(texts: typing.Any, pairs: bool = False, rows: bool = False) -> Iterator[typing.Any]:
    """What an iterable of texts is: the one rule, for corpora, tasks and runtimes.

    A list, a tuple, a generator, an open file, a NumPy or pyarrow array, a pandas Series, a
    tensor of strings, and a `tf.data` set of strings are. A str is one text; a mapping or a
    table would be read as the names of its columns, and a set has no order.

    Args:
        texts: what was given.
        pairs: bool, a tuple is one pair of texts, so refused too.
        rows: bool, a data set whose rows are mappings is read by its caller.

    Returns:
        iterable of what `texts` holds, that of NumPy, TensorFlow or pyarrow as Python's own str,
        bytes and lists.

    Raises:
        ValueError: for another thing.
    """
    what = "texts" if pairs else "str"
    single = (str, bytes, bytearray, tuple) if pairs else (str, bytes, bytearray)
    shape = getattr(texts, "shape", None)
    table = hasattr(texts, "columns") or (hasattr(texts, "column_names") and not rows)
    if isinstance(texts, Mapping) or table:
        raise ValueError(
            f"Expected an iterable of {what}; received a {type(texts).__name__}, which is read as "
            'its keys. Give one of its columns, as given["text"].'
        )
    if isinstance(texts, single) or not hasattr(texts, "__iter__") or shape == ():
        raise ValueError(
            f"Expected an iterable of {what}; received {texts!r:.60} ({type(texts).__name__}). "
            "Put a single one into a list."
        )
    if isinstance(texts, set | frozenset):
        raise ValueError(
            f"Expected an iterable of {what}; received a {type(texts).__name__}, which has no "
            "order. Make a list of it."
        )
    if hasattr(texts, "as_numpy_iterator"):  # a `tf.data` set
        return texts.as_numpy_iterator()
    if hasattr(texts, "to_pylist"):  # pyarrow's
        return texts.to_pylist()
    if shape is not None and hasattr(texts, "numpy"):  # a tensor
        texts = texts.numpy()
    return texts.tolist() if shape is not None and hasattr(texts, "tolist") else texts


def check_line(text: object, where: str = "") -> None:
    """Refuses what is no line of text.

    Args:
        text: what was given.
        where: str, what the message calls it, as "text 3"; empty to leave it out.

    Raises:
        ValueError: see above.
    """
    if not isinstance(text, str | bytes):
        raise ValueError(
            f"Expected a text, str or bytes in UTF-8; received {text!r:.60}{_at(where)} "
            f"({type(text).__name__}). Give the text itself"
            + (', as row["text"].' if isinstance(text, Mapping) else ".")
        )


def check_pair(pair: object, where: str = "") -> None:
    """Refuses what is no pair of texts; `where` as in `check_line`.

    Raises:
        ValueError: see above.
    """
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(isinstance(text, str | bytes) for text in pair)
    ):
        raise ValueError(
            f"Expected a pair of texts, (str, str); received {pair!r:.60}{_at(where)} "
            f"({type(pair).__name__}). Give both texts in a tuple."
        )


def read_text(text: str | bytes, where: str = "") -> str:
    """A text to learn from, as str: bytes are UTF-8, or refused; `where` as in `check_line`.

    Raises:
        ValueError: for what is no text, or bytes in another encoding.
    """
    check_line(text, where)
    try:
        return text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected bytes in UTF-8; received {text!r:.60}{_at(where)} ({error}). Decode them "
            "first, in the encoding that they are in."
        ) from error


def _at(where):
    return f" as {where}" if where else ""
