"""Lines with what is given of their translations: how they begin, and terms they must have."""

from __future__ import annotations

import itertools
import typing
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kerasseq.processing.glossary import Glossary, warn_missing
from kerasseq.processing.markup import Marked
from kerasseq.processing.processor import served_text
from kerasseq.processing.translation import Translation
from kerasseq.text.checks import check_line, check_lines

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.text.tokenizer import Tokenizer

NONE = Glossary()


class Begun(typing.NamedTuple):
    """One line, what its translation begins with, each str or bytes, its Glossary, and its
    Marked, where the line is apart from its markup."""

    text: str | bytes
    prefix: str | bytes = ""
    glossary: Glossary = NONE
    marked: Marked | None = None

    def __repr__(self) -> str:
        """The text alone, as messages show any other line."""
        return repr(self.text)


def begun_lines(
    lines: Iterable[typing.Any],
    prefix: typing.Any = None,
    glossary: typing.Any = None,
    markup: bool = False,
) -> Iterator[Begun]:
    """Puts lines, prefixes and glossaries together.

    Args:
        lines: iterable of lines, checked.
        prefix: str for all lines, or an iterable of as many str; "" begins nothing.
        glossary: dict or Glossary for all lines, or an iterable of as many; {} asks for nothing.
        markup: bool, takes the lines apart from their markup.

    Yields:
        Begun.

    Raises:
        ValueError: for more lines than prefixes or glossaries or fewer, or what is none.
    """
    prefix = "" if prefix is None else prefix
    if isinstance(prefix, (str, bytes)):
        pairs = zip(lines, itertools.repeat(prefix), strict=False)
    else:
        prefixes = check_lines(prefix, what="prefixes of str")
        pairs = _as_many(lines, prefixes, "prefixes", '"" where nothing is begun')
    if glossary is None or isinstance(glossary, (Mapping, Glossary)):
        every = zip(pairs, itertools.repeat(Glossary.of(glossary)), strict=False)
    else:
        glossaries = map(Glossary.of, check_lines(glossary, what="glossaries"))
        every = _as_many(pairs, glossaries, "glossaries", "{} where nothing is asked for")
    for (line, begun), terms in every:
        check_line(begun)
        marked = Marked(line) if markup else None
        yield Begun(marked.plain if marked else line, begun, terms, marked)


def begun_ids(prefix: str | bytes, target: Tokenizer, longest: int) -> list[int]:
    """The ids of what a translation begins with. Warns where one is unknown, which none can write.

    Raises:
        ValueError: for more than the `longest` prefix has.
    """
    begun = target.encode(prefix)
    if len(begun) > longest:
        raise ValueError(
            f"Expected a prefix of at most {longest} tokens; received "
            f"{len(begun)}: {prefix!r:.60}. Shorten it, or raise max_length."
        )
    if target.unknown_id in begun:
        warnings.warn(
            f"Expected a prefix that the target's tokens can write; received {prefix!r:.60}, "
            f"which they write as {target.decode(begun)!r:.60}. Use other words.",
            stacklevel=2,
        )
    return begun


def begun_ids_graph(prefixes: tf.Tensor, target: Tokenizer, longest: int) -> tf.Tensor:
    """The ids `(B, P)` of what translations begin with, strings `(B,)`, padded.

    Raises:
        tf.errors.InvalidArgumentError: when run, for more than the `longest` prefix has.
    """
    import tensorflow as tf

    begun = target.tokenize(prefixes)
    fits = tf.reduce_all(begun.row_lengths() <= longest)
    said = f"Expected a prefix of at most {longest} tokens; received a longer one. Shorten it."
    with tf.control_dependencies([tf.debugging.Assert(fits, [said])]):
        return begun.to_tensor()


def served_begun(inputs: Sequence[Begun]) -> tuple[str, dict[str, list[bytes]]]:
    """The name of a SavedModel's signature for a list of Begun, and its columns.

    Raises:
        ValueError: for markup together with a prefix or a glossary, of which no signature is.
    """
    texts, prefixes, glossaries, marked = zip(*inputs, strict=True)
    columns = {"text": texts, "prefix": prefixes, "glossary": [each.text for each in glossaries]}
    asked = {name for name, column in columns.items() if any(column)}
    if any(marked) and asked & {"prefix", "glossary"}:
        raise ValueError(
            "Expected no prefix and no glossary with markup for a SavedModel, none of whose "
            "signatures takes both; received both. Use the saved translator."
        )
    name, taken = "complete", ("text", "prefix")
    if any(marked):
        name, taken = "attention", ("text",)
    elif "glossary" in asked:
        name, taken = "with_glossary", tuple(columns)
    return name, {key: [served_text(each) for each in columns[key]] for key in taken}


def answered_begun(
    answers: Iterable[tuple[str, float]], found: dict[str, typing.Any], inputs: Sequence[typing.Any]
) -> Iterator[tuple[str, float]]:
    """Pairs of text and score of a SavedModel's answers, with the markup of inputs in them; warns
    of what they do not keep of a glossary."""
    for row, ((text, score), given) in enumerate(zip(answers, inputs, strict=True)):
        if lost := found["missing"][row] if "missing" in found else b"":
            warn_missing(given.text, lost.decode("utf-8").split("\n"))
        if isinstance(given, Begun) and given.marked:
            sides = ("tokens", "source_tokens")
            tokens, sources = (
                [each.decode("utf-8") for each in found[side][row] if each] for side in sides
            )
            text = given.marked.put_back(
                Translation(text, score, tokens, sources, found["attention"][row])
            )
        yield text, score


def _as_many(lines, others, name, nothing):
    """Pairs of lines and others, as many of both."""
    missing = object()
    pairs = itertools.zip_longest(lines, others, fillvalue=missing)
    for number, (line, other) in enumerate(pairs):
        if line is missing or other is missing:
            what = ("lines", name) if line is missing else (name, "lines")
            raise ValueError(
                f"Expected as many {name} as lines; received {number} {what[0]} and more "
                f"{what[1]}. Give {nothing}."
            )
        yield line, other
