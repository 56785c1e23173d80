"""Markup that goes through a translation: read out of a source, put back by the attention.

A model translates the text alone. What its words look at says where the rest belongs: the tags of a
span go round the words that look at the span's words, well nested; what stands alone, as a
placeholder does, goes where fewest words cross it. Numbers the model reads: of those that it wrote
wrongly or not at all see `kerasseq.processing.numbers_kept`.
"""

from __future__ import annotations

import collections
import re
import typing

import numpy as np

from kerasseq.processing.aligned_units import UNIT, between_units, unit_of_tokens
from kerasseq.processing.numbers_kept import keep_numbers
from kerasseq.processing.put_back import Node, left_of, put_in, together, written_with

MARK = re.compile(
    r"(?P<close></[A-Za-z][^<>]*>)"
    r"|(?P<alone><!--(?:(?!<!--).)*?-->|<[!?][^<>]*>"  # comments and what is said to a parser
    # What format strings fill in: {0}, {name}, ${name}, %{name}, {{ name }}, {n, plural, …}
    r"|[$#%]?(?:\{\{[^{}]*\}\}|\{[^{}\s]*\})"
    r"|\{\w+,\s*(?:date|number|plural|select|selectordinal|time)\b(?:[^{}]|\{[^{}]*\})*\}"
    # and %s, %1$d, %(name)s, %5.2f
    r"|%(?:\(\w+\)|\d+\$)?[-+#0]*\d*(?:\.\d+)?(?:hh|ll|[hlLqjzt])?[@cdeEfFgGiosuxX](?!\w)"
    r"|(?<![\w+.-])(?:[A-Za-z][\w+.-]*://|www\.)(?:\([^\s<>()]*\)|[^\s<>()])*"
    r"(?:\([^\s<>()]*\)|[^\s<>().,;:!?'\"\]“”’»…])"
    r"|(?<![\w+.-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<open><[A-Za-z](?:\"[^\"<]*\"|'[^'<]*'|[^<>\"'])*>|<[A-Za-z][^<>]*>)",
    re.DOTALL,
)
DEEPEST = 50  # of spans within spans; the halves of those around them stand alone
VOID = ("br", "hr", "img", "input", "wbr")  # of HTML, which nothing closes


class Found(typing.Protocol):
    """What `Marked.put_back` reads of a translation; see `Translation`."""

    text: str
    tokens: typing.Any
    source_tokens: typing.Any
    attention: typing.Any


class Marked:
    """A source text apart from its markup.

    Tags are `<name …>`, `</name>` and `<name …/>`; one without its other half stands alone, and
    so do the halves of tags with fifty levels within. So do
    comments, placeholders (`{0}`, `{{ name }}`, `${name}`, `{n, plural, …}`, `%s`, `%1$d`,
    `%5.2f`), URLs and e-mail addresses, which no model reads. Numbers it reads.

    Args:
        text: str or bytes.

    Attributes:
        plain: str, what the model reads.
        nodes: list of Node, what is put back.
    """

    def __init__(self, text: str | bytes) -> None:
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        kept, marks, cursor, length = [], [], 0, 0
        for mark in MARK.finditer(text):
            words, left = text[cursor : mark.start()], left_of(text, mark.start())
            leads = not left and text[mark.end() : mark.end() + 1].isalnum()
            alone = mark["alone"] or mark[0].endswith("/>") or _name(mark[0]) in VOID
            if alone and left and text[mark.end() : mark.end() + 1].isalnum():
                words += " "  # those that it parts stay apart
            kept.append(words)
            length, cursor = length + len(words), mark.end()
            marks.append((length, "alone" if alone else mark.lastgroup, mark[0], left, leads))
        # Two spaces or more are one to every tokenizer that is not asked to keep them.
        self.plain: str = "".join([*kept, text[cursor:]])
        self.units: list[tuple[int, int]] = [each.span() for each in UNIT.finditer(self.plain)]
        self.nodes: list[Node] = self._tree(marks)

    def _tree(self, marks):
        """The Nodes of marks `(place, kind, text, left, leads)`, those of tags around what is
        within."""
        starts = [start for start, _ in self.units]
        # Of openings: the mark, what stood before it, and how deep the spans of that are.
        stack, names = [], collections.Counter()
        found, deep = [], 0
        for place, kind, text, *around in marks:
            unit = int(np.searchsorted(starts, place))
            name = _name(text)
            if kind == "close" and names[name]:
                while True:
                    (first, own, before, own_around), outer, outer_deep = stack.pop()
                    names[own] -= 1
                    if own == name:
                        break
                    # It is never closed: it stands alone, before what it was opened for.
                    found = [*outer, Node(before, "", first, first, [], *own_around), *found]
                    deep = max(deep, outer_deep)
                if first == unit:  # nothing that is translated is within
                    whole = before + together(found) + text
                    found = [*outer, Node(whole, "", first, first, [], own_around[0])]
                    deep = outer_deep
                elif deep < DEEPEST:
                    found = [*outer, Node(before, text, first, unit, found)]
                    deep = max(deep + 1, outer_deep)
                else:  # each half stands alone
                    opening = Node(before, "", first, first, [], *own_around)
                    found = [*outer, opening, *found, Node(text, "", unit, unit, [], *around)]
                    deep = max(deep, outer_deep)
            elif kind == "open":
                stack.append(((unit, name, text, around), found, deep))
                names[name] += 1
                found, deep = [], 0
            else:
                found.append(Node(text, "", unit, unit, [], *around))
        while stack:
            (first, _, before, around), outer, _ = stack.pop()
            found = [*outer, Node(before, "", first, first, [], *around), *found]
        return found

    def put_back(self, found: Found) -> str:
        """The text of a translation with the markup in it.

        Raises:
            ValueError: for a translation without attention.
        """
        if found.attention is None:
            raise ValueError(
                "Expected a translation with attention, by which markup is put back; received one "
                "without. Take a model that attends; of a .tflite file, export one whose search "
                "has return_attention=True."
            )
        units = [each.span() for each in UNIT.finditer(found.text)]
        weights = between_units(
            found.attention,
            unit_of_tokens(found.text, units, found.tokens),
            unit_of_tokens(self.plain, self.units, found.source_tokens),
            len(units),
            len(self.units),
        )  # (T, S)
        read = [self.plain[start:end] for start, end in self.units]
        written, missing = keep_numbers(read, [found.text[s:e] for s, e in units], weights)
        nodes = self.nodes
        for place in missing:
            left = left_of(self.plain, self.units[place][0])
            nodes = put_in(nodes, Node(read[place], "", place, place, [], left))
        return written_with(nodes, found.text, units, written, weights)


def _name(tag):
    """The name of a tag in lower case; "" of something else."""
    found = re.match(r"</?(\w+)", tag)
    return found[1].lower() if found else ""
