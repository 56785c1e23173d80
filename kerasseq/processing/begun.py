"""Lines whose translations are begun: what stands there already, of each."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable, Iterator

from kerasseq.text.checks import check_line, check_lines


class Begun(typing.NamedTuple):
    """One line and what its translation begins with, each str or bytes."""

    text: str | bytes
    prefix: str | bytes


def begun_lines(lines: Iterable[typing.Any], prefix: typing.Any) -> Iterator[Begun]:
    """Puts lines and prefixes together.

    Args:
        lines: iterable of lines, checked.
        prefix: str for all lines, or an iterable of as many str; "" begins nothing.

    Yields:
        Begun.

    Raises:
        ValueError: for more lines than prefixes or fewer, or what is no str.
    """
    is_one, missing = isinstance(prefix, (str, bytes)), object()
    prefixes = itertools.repeat(prefix) if is_one else check_lines(prefix, what="prefixes of str")
    pairs = zip(lines, prefixes, strict=False) if is_one else itertools.zip_longest(
        lines, prefixes, fillvalue=missing
    )  # fmt: skip
    for number, (line, begun) in enumerate(pairs):
        if line is missing or begun is missing:
            what = ("lines", "prefixes") if line is missing else ("prefixes", "lines")
            raise ValueError(
                f"Expected as many prefixes as lines; received {number} {what[0]} and more "
                f'{what[1]}. Give "" where nothing is begun.'
            )
        check_line(begun)
        yield Begun(line, begun)
