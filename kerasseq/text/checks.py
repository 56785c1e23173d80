"""What is given as text: one line, a pair, or many, in whatever holds them."""

from __future__ import annotations

import math
import typing
from collections import Counter
from collections.abc import Iterator, Mapping
from numbers import Integral, Real

if typing.TYPE_CHECKING:
    from kerasseq.text.tokenizer import Tokenizer


# By what the rows of a table are read: pandas', polars', pyarrow's, and that of `datasets`.
READ_BY = ("itertuples", "iter_rows", "to_pylist", "column_names")


def check_lines(
    texts: typing.Any, pairs: bool = False, rows: bool = False, what: str = ""
) -> Iterator[typing.Any]:
    """What an iterable of texts is: the one rule, for corpora, tasks and runtimes.

    A list, a tuple, a generator, an open file, a NumPy or pyarrow array, a pandas Series, a
    tensor of strings, and a `tf.data` set of strings are. A str is one text; a mapping or a
    table would be read as the names of its columns, and a set has no order.

    Args:
        texts: what was given.
        pairs: bool, a tuple is one pair of texts, so refused too.
        rows: bool, a table is read too, as mappings from the names of its columns.
        what: str, what messages call the texts, in the plural.

    Returns:
        iterable of what `texts` holds, that of NumPy, TensorFlow or pyarrow as Python's own str,
        bytes and lists.

    Raises:
        ValueError: for another thing.
    """
    what = what or ("texts" if pairs else "str")
    single = (str, bytes, bytearray, tuple) if pairs else (str, bytes, bytearray)
    shape = getattr(texts, "shape", None)
    table = hasattr(texts, "columns") or hasattr(texts, "column_names")
    if table and rows and any(hasattr(texts, name) for name in READ_BY):
        return _rows_of_table(texts)
    inside = next(iter(texts.values()), None) if isinstance(texts, Mapping) else None
    if hasattr(inside, "column_names"):
        raise ValueError(
            f"Expected an iterable of {what}; received a {type(texts).__name__} of data sets: "
            f"{', '.join(map(str, texts))}. Give one of them, as given[{next(iter(texts))!r}]."
        )
    if isinstance(texts, Mapping) or table:
        raise ValueError(
            f"Expected an iterable of {what}; received a {type(texts).__name__}, which is read as "
            'its keys. Give one of its columns, as given["text"]; or pairs, as zip(given["a"], '
            'given["b"]).'
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


def _rows_of_table(table):
    """The rows of a table of pandas, polars, pyarrow or `datasets`, as mappings by column."""
    names = list(getattr(table, "column_names", None) or table.columns)
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise ValueError(
            f"Expected columns of different names; received {twice!r} twice in a "
            f"{type(table).__name__}. Rename one."
        )
    if hasattr(table, "itertuples"):  # pandas'
        return (dict(zip(names, row, strict=True)) for row in table.itertuples(False, None))
    if hasattr(table, "iter_rows"):  # polars'
        return table.iter_rows(named=True)
    return table.to_pylist() if hasattr(table, "to_pylist") else iter(table)  # datasets' last


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


def check_pairs(pairs: typing.Any) -> Iterator[tuple[str, str]]:
    """Yields the pairs of texts of an iterable, a corpus or a list, each as two str.

    Raises:
        ValueError: for what is no iterable of pairs, or an item that is no pair of texts.
    """
    for number, pair in enumerate(check_lines(pairs), 1):
        where = f"pair {number}"
        check_pair(pair, where)
        source, target = pair
        yield read_text(source, where), read_text(target, where)


def read_text(text: str | bytes, where: str = "") -> str:
    """A text to learn from, as str: bytes are UTF-8, or refused; `where` as in `check_line`.

    Raises:
        ValueError: for what is no text, bytes in another encoding, or half of a surrogate pair.
    """
    check_line(text, where)
    try:
        if isinstance(text, bytes):
            return text.decode("utf-8")
        if not text.isascii():
            text.encode("utf-8")
        return text
    except UnicodeEncodeError as error:
        raise ValueError(
            f"Expected text that UTF-8 can hold; received {text!r:.60}{_at(where)}, with half of a "
            f"surrogate pair ({error.reason}). Decode it again from its source."
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected bytes in UTF-8; received {text!r:.60}{_at(where)} ({error}). Decode them "
            "first, in the encoding that they are in."
        ) from error


def check_tokenizers(*given: typing.Any) -> None:
    """Refuses what is no tokenizer of this package.

    Raises:
        ValueError: see above.
    """
    from kerasseq.text.tokenizer import Tokenizer

    for each in given:
        if not isinstance(each, Tokenizer):
            room = type(each).__module__.split(".")[0]
            named = {"keras_hub": "KerasHub's", "transformers": "transformers'"}.get(room)
            raise ValueError(
                f"Expected a tokenizer of kerasseq.text; received {type(each).__name__}"
                + (f", {named}. Convert it: " if named else ". Train one on your text; or of ")
                + ("" if named else "KerasHub and transformers, convert it: ")
                + "kerasseq.pretrained.convert_tokenizer(tokenizer)."
            )


def check_samples_nothing(tokenizer: Tokenizer) -> None:
    """Refuses a tokenizer that samples, where every epoch reads the same tokens.

    Raises:
        ValueError: see above.
    """
    check_tokenizers(tokenizer)
    if tokenizer.samples:
        raise ValueError(
            "Expected a tokenizer without sampling, which batches of ParallelText alone do; "
            f"received one with sampling_alpha={tokenizer.sampling_alpha}. Make it without: "
            "SentencePieceTokenizer(tokenizer.model, tokenizer.lowercase)."
        )


def check_whole(name: str, value: object, least: int = 1) -> None:
    """Refuses what is no whole number of at least some.

    Raises:
        ValueError: see above.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(
            f"Expected {name} as a whole number of at least {least}; received {value!r}. Give one."
        )


def is_number(value: object) -> typing.TypeGuard[float]:
    """Whether a value is a finite number, which nan and True are not."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def check_number(name: str, value: object, least: float | None = None) -> None:
    """Refuses what is no finite number, or one below `least`.

    Raises:
        ValueError: see above.
    """
    if not is_number(value) or (least is not None and value < least):
        of_at_least = "" if least is None else f" of at least {least}"
        raise ValueError(
            f"Expected {name} as a finite number{of_at_least}; received {value!r:.60}. Give one."
        )


def _at(where):
    return f" as {where}" if where else ""
