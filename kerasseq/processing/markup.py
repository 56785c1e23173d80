"""Markup that goes through a translation: read out of a source, put back by the attention.

A model translates the text alone. What its words look at says where the rest belongs: the tags of a
span go round the words that look at the span's words, well nested; what stands alone, as a
placeholder does, goes where fewest words cross it; a number that the model did not write is written
in place of the word that looks at it.
"""

from __future__ import annotations

import collections
import re
import typing

import numpy as np

from kerasseq.processing.aligned_units import UNIT, between_units, unit_of_tokens

MARK = re.compile(
    r"(?P<close></[A-Za-z][^<>]*>)"
    r"|(?P<open><[A-Za-z][^<>]*>)"
    r"|(?P<alone>\{[^{}\s]*\}"  # placeholders of format strings
    r"|%\(\w+\)[sd]|%(?:\d+\$)?[sd@](?!\w)"
    r"|(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?'\")\]]"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)
VOID = ("br", "hr", "img", "input", "wbr")  # of HTML, which nothing closes
NUMBER = re.compile(r"\d+(?:[-.,:/]\d+)*")


class Node(typing.NamedTuple):
    """What is put back.

    Attributes:
        before: str, an opening tag, or all of what stands alone.
        behind: str, the closing tag; "" of what stands alone.
        first, last: int, the source units within: from the first, to before the last.
        inside: list of Node, in order.
        spaced: bool, whether a space stands before what stands alone.
        leads: bool, whether it stands at the word behind it, as what opens does.
    """

    before: str
    behind: str
    first: int
    last: int
    inside: list[Node]
    spaced: bool = True
    leads: bool = False


class Found(typing.Protocol):
    """What `Marked.put_back` reads of a translation; see `Translation`."""

    text: str
    tokens: typing.Any
    source_tokens: typing.Any
    attention: typing.Any


class Marked:
    """A source text apart from its markup.

    Tags are `<name …>`, `</name>` and `<name …/>`; one without its other half stands alone. So do
    placeholders (`{0}`, `{name}`, `%s`, `%1$d`), URLs and e-mail addresses, which no model reads.
    Numbers it reads.

    Args:
        text: str or bytes.

    Attributes:
        plain: str, what the model reads.
        nodes: list of Node, what is put back.
    """

    def __init__(self, text: str | bytes) -> None:
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        kept, marks, cursor = [], [], 0
        for mark in MARK.finditer(text):
            kept.append(text[cursor : mark.start()])
            spaced = mark.start() == 0 or text[mark.start() - 1].isspace()
            leads = spaced and text[mark.end() : mark.end() + 1].isalnum()
            alone = mark["alone"] or mark[0].endswith("/>") or _name(mark[0]) in VOID
            if alone and not spaced and text[mark.end() : mark.end() + 1].isalnum():
                kept.append(" ")  # words that it parts stay apart
            kind = "alone" if alone else mark.lastgroup
            marks.append((sum(map(len, kept)), kind, mark[0], spaced, leads))
            cursor = mark.end()
        # Two spaces or more are one to every tokenizer that is not asked to keep them.
        self.plain: str = "".join([*kept, text[cursor:]])
        self.units: list[tuple[int, int]] = [each.span() for each in UNIT.finditer(self.plain)]
        self.nodes: list[Node] = self._tree(marks)

    def _tree(self, marks):
        """The Nodes of marks `(place, kind, text, spaced, leads)`, those of tags around what is
        within."""
        starts = [start for start, _ in self.units]
        stack, found = [], []  # of openings: the mark, and what stood before it
        for place, kind, text, *around in marks:
            unit = int(np.searchsorted(starts, place))
            name = _name(text)
            if kind == "close" and name in [opened[1] for opened, _ in stack]:
                while True:
                    (first, own, before, own_around), outer = stack.pop()
                    if own == name:
                        break
                    # It is never closed: it stands alone, before what it was opened for.
                    found = [*outer, Node(before, "", first, first, [], *own_around), *found]
                if first < unit:
                    found = [*outer, Node(before, text, first, unit, found)]
                else:  # nothing that is translated is within
                    whole = before + "".join(each.before for each in found) + text
                    found = [*outer, Node(whole, "", first, first, [], own_around[0])]
            elif kind == "open":
                stack.append(((unit, name, text, around), found))
                found = []
            else:
                found.append(Node(text, "", unit, unit, [], *around))
        while stack:
            (first, _, before, around), outer = stack.pop()
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
        written = [found.text[start:end] for start, end in units]
        numbers = self._numbers(written, weights)
        events = list(_events([*self.nodes, *numbers], weights, 0, len(units)))
        return _write(found.text, units, written, events)

    def _numbers(self, written, weights):
        """Writes numbers that are missing over the words that look at them; Nodes of the others."""
        here = collections.Counter(_digits(each) for each in written if NUMBER.fullmatch(each))
        held = {i for i, each in enumerate(written) if NUMBER.fullmatch(each)}
        alone = []
        for place, (start, end) in enumerate(self.units):
            number = self.plain[start:end]
            if not NUMBER.fullmatch(number):
                continue
            if here[_digits(number)]:
                here[_digits(number)] -= 1
                continue
            looks = [
                i for i, row in enumerate(weights)
                if i not in held and int(np.argmax(row)) == place and row[place] > 0
            ]  # fmt: skip
            if looks:
                best = max(looks, key=lambda i, place=place: weights[i, place])
                written[best] = number
                held.add(best)
            else:
                alone.append(Node(number, "", place, place, []))
        return alone


def _name(tag):
    """The name of a tag in lower case; "" of something else."""
    found = re.match(r"</?(\w+)", tag)
    return found[1].lower() if found else ""


def _digits(number):
    """What makes two numbers alike, however languages part their digits."""
    return re.sub(r"\D", "", number)


def _events(nodes, weights, low, high):
    """Yields what is put back between the target units `low` and `high`, in order: `(gap, kind,
    str, spaced)`, before the unit `gap`; kinds are "open", "close" and "alone"."""
    looks = np.argmax(weights, axis=1) if weights.size else np.zeros(len(weights), "int64")
    mine = np.zeros(len(weights), "bool")  # within a span of these nodes
    placed = []
    for order, node in enumerate(nodes):
        if not node.behind:
            continue
        span = _span(node, weights, looks, low, high, mine)
        if span is None:  # no word is left for it
            placed.append((_gap(node, looks, low, high, mine), 0, order, node, None))
        else:
            mine[span[0] : span[1]] = True
            placed.append((span[0], 1, order, node, span))
    edges = mine.copy()
    for _, _, _, _, span in placed:
        if span:
            edges[span[0]] = False  # before it is not within it
    for order, node in enumerate(nodes):
        if not node.behind:
            placed.append((_gap(node, looks, low, high, edges), 0, order, node, None))
    for gap, _, _, node, span in sorted(placed, key=lambda each: each[:3]):
        if span is None:
            yield gap, "open" if node.leads else "alone", _whole(node), node.spaced
        else:
            yield span[0], "open", node.before, True
            yield from _events(node.inside, weights, *span)
            yield span[1], "close", node.behind, True


def _whole(node):
    return node.before + "".join(map(_whole, node.inside)) + node.behind


def _span(node, weights, looks, low, high, taken):
    """The target units `(start, end)` that tags go round: the run with the most units that look
    at the source's over those that do not; None where all are taken."""
    inside = (looks >= node.first) & (looks < node.last)
    best, total, start = (0, None), 0, low
    for unit in range(low, high):
        if taken[unit]:
            total, start = 0, unit + 1
            continue
        total += 1 if inside[unit] else -1
        if total <= 0:
            total, start = 0, unit + 1
        elif total > best[0]:
            best = total, (start, unit + 1)
    if best[1]:
        return best[1]
    free = [unit for unit in range(low, high) if not taken[unit]]
    if not free:
        return None
    most = max(free, key=lambda unit: weights[unit, node.first : node.last].sum())
    return most, most + 1


def _gap(node, looks, low, high, taken):
    """The target unit, or `high`, before which what stands alone crosses the fewest words, and
    best beside those that look at its neighbours; none within a span."""
    gaps = [gap for gap in range(low, high + 1) if gap == high or not taken[gap]]

    def crossed(gap):
        beside = (gap > low and looks[gap - 1] == node.first - 1) + (
            gap < high and looks[gap] == node.first
        )
        words = (looks[low:gap] >= node.first).sum() + (looks[gap:high] < node.first).sum()
        return words - beside / 2

    return min(gaps, key=crossed)


def _write(text, units, written, events):
    """A text of which the units are `written`, with events before them."""
    at = collections.defaultdict(list)
    for gap, *event in events:
        at[gap].append(event)
    found, cursor = [], 0
    for unit in range(len(units) + 1):
        start, end = units[unit] if unit < len(units) else (len(text), len(text))
        blank, last = text[cursor:start], None
        for kind, mark, spaced in at[unit]:
            if kind == "open":
                found += [blank or " " * (last == "alone"), mark]
                blank = ""
            elif kind == "alone" and spaced and last != "open" and found and found[-1].strip():
                found += [" ", mark]
            else:
                found.append(mark)
            last = kind
        if last == "alone" and not blank and text[start : start + 1].isalnum():
            blank = " "
        found += [blank, *written[unit : unit + 1]]
        cursor = end
    return "".join(found).strip()
