"""Where markup stands in a translation: spans round the words that look at theirs, the rest between
words, with the spaces that it had."""

from __future__ import annotations

import collections
import typing

import numpy as np

from kerasseq.processing.aligned_units import looks_at

LEAST = 0.1  # of a word's attention, for tags that most of no word looks at
OPENING = "([{<„“‚‘«‹»›¿¡\"'"  # what nothing stands between and the word behind it
CLOSING = "“‘«‹»›\"'"  # of these what may close too


class Node(typing.NamedTuple):
    """What is put back.

    Attributes:
        before: str, an opening tag, or all of what stands alone.
        behind: str, the closing tag; "" of what stands alone.
        first, last: int, the source units within: from the first, to before the last.
        inside: list of Node, in order.
        left: str, the character before what stands alone; "" for none or white space.
        leads: bool, whether it stands at the word behind it, as what opens does.
    """

    before: str
    behind: str
    first: int
    last: int
    inside: list[Node]
    left: str = ""
    leads: bool = False


def left_of(text: str, place: int) -> str:
    """The character before a place of a text; "" for none or white space."""
    return text[max(place - 1, 0) : place].strip()


def put_in(nodes: list[Node], node: Node) -> list[Node]:
    """Nodes with another, within the spans that its source unit lies in."""
    for place, each in enumerate(nodes):
        if each.behind and each.first <= node.first < each.last:
            within = each._replace(inside=put_in(each.inside, node))
            return [*nodes[:place], within, *nodes[place + 1 :]]
    place = sum(each.first <= node.first for each in nodes)
    return [*nodes[:place], node, *nodes[place:]]


def together(nodes: list[Node]) -> str:
    """Nodes without the words among them, apart where they were."""
    return "".join(" " * (place > 0 and not each.left) + _whole(each)
                   for place, each in enumerate(nodes))  # fmt: skip


def written_with(
    nodes: list[Node],
    text: str,
    units: list[tuple[int, int]],
    written: list[str | None],
    weights: np.ndarray,
) -> str:
    """A text with nodes in it.

    Args:
        nodes: list of Node.
        text: str.
        units: list of `(start, end)`, of its words, numbers and marks.
        written: list of str, what stands in their place; None for those that go.
        weights: float array `(units, source units)`, what they look at.
    """
    at = collections.defaultdict(list)
    for gap, *event in _events(nodes, weights, looks_at(weights), 0, len(units)):
        at[gap].append(event)
    found, cursor = [], 0
    for unit in range(len(units) + 1):
        start, end = units[unit] if unit < len(units) else (len(text), len(text))
        between, last = text[cursor:start], None
        blank = between
        for kind, mark, left in at[unit]:
            if kind == "open":
                found += [blank or " " * (last == "alone"), mark]
                blank = ""
            elif kind == "alone" and last != "open" and found and not _joined(left, found[-1]):
                found += [" ", mark]
            else:
                found.append(mark)
            last = kind
        apart = between or _parted(text[start : start + 1], unit == 0)
        if last == "alone" and not blank and apart and unit < len(units):
            blank = " "
        cursor = end
        if unit == len(units):
            found.append(blank)
        elif written[unit] is not None:
            found += [blank, written[unit]]
    return "".join(found).strip()


def _events(nodes, weights, looks, low, high):
    """Yields what is put back between the target units `low` and `high`, in order: `(gap, kind,
    str, left)`, before the unit `gap`; kinds are "open", "close" and "alone"."""
    mine = np.zeros(len(weights), "bool")  # within a span of these nodes
    placed = []
    for order, node in enumerate(nodes):
        if not node.behind:
            continue
        span = _span(node, weights, looks, low, high, mine)
        if span is None:  # no word is left for it, or none looks at it
            placed.append((_gap(node.first, looks, low, high, mine), 0, order, node, None))
        else:
            mine[span[0] : span[1]] = True
            placed.append((span[0], 1, order, node, span))
    edges = mine.copy()
    for _, _, _, _, span in placed:
        if span:
            edges[span[0]] = False  # before it is not within it
    gaps = {
        first: _gap(first, looks, low, high, edges)
        for first in {node.first for node in nodes if not node.behind}
    }
    for order, node in enumerate(nodes):
        if not node.behind:
            placed.append((gaps[node.first], 0, order, node, None))
    for gap, _, _, node, span in sorted(placed, key=lambda each: each[:3]):
        if span is None:
            yield gap, "open" if node.leads else "alone", _whole(node), node.left
        else:
            yield span[0], "open", node.before, ""
            yield from _events(node.inside, weights, looks, *span)
            yield span[1], "close", node.behind, ""


def _whole(node):
    return node.before + together(node.inside) + node.behind


def _span(node, weights, looks, low, high, taken):
    """The target units `(start, end)` that tags go round: the run with the most units that look
    at the source's over those that do not; or the unit that pays most attention to them. None
    where all are taken, or none pays any to speak of."""
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
    paid = weights[free, node.first : node.last].sum(axis=1)
    if not free or paid.max() < LEAST:
        return None
    most = free[int(paid.argmax())]
    return most, most + 1


def _gap(first, looks, low, high, taken):
    """The target unit, or `high`, before which what stands alone, before the source unit
    `first`, crosses the fewest words, and best beside those that look at its neighbours; none
    within a span."""
    gaps = [gap for gap in range(low, high + 1) if gap == high or not taken[gap]]

    def crossed(gap):
        beside = (gap > low and looks[gap - 1] == first - 1) + (gap < high and looks[gap] == first)
        words = (looks[low:gap] >= first).sum() + (looks[gap:high] < first).sum()
        return words - beside / 2

    return min(gaps, key=crossed)


def _joined(left, before):
    """Whether no space stands between what was written and what stands alone, before which the
    source has the character `left`."""
    last = before[-1:]
    if not last.strip():
        return True
    alike = left == last or (left in OPENING and last in OPENING)
    return bool(left) and (alike or (left.isalnum() and last.isalnum()))


def _parted(following, first):
    """Whether a space stands between what stands alone and the character behind it."""
    return following.isalnum() or (following in OPENING and (first or following not in CLOSING))
