"""Lines with what is given of their translations: how they begin, and terms they must have."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable, Iterator, Mapping

from kerasseq.processing.glossary import Glossary
from kerasseq.text.checks import check_line, check_lines

NONE = Glossary()


class Begun(typing.NamedTuple):
    """One line, what its translation begins with, each str or bytes, and its Glossary."""

    text: str | bytes
    prefix: str | bytes = ""
    glossary: Glossary = NONE


def begun_lines(
    lines: Iterable[typing.Any], prefix: typing.Any = None, glossary: typing.Any = None
) -> Iterator[Begun]:
    """Puts lines, prefixes and glossaries together.

    Args:
        lines: iterable of lines, checked.
        prefix: str for all lines, or an iterable of as many str; "" begins nothing.
        glossary: dict or Glossary for all lines, or an iterable of as many; {} asks for nothing.

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
        yield Begun(line, begun, terms)


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
