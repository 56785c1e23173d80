"""Links between the words of a pair: Pharaoh's format, and both directions of an aligner as one."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable

Link: typing.TypeAlias = tuple[int, int]  # positions of a source and of a target word, from 0

LINK = re.compile(r"([0-9]{1,6})([-?p])([0-9]{1,6})")
NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def parse_links(text: str, where: str = "the alignment") -> tuple[list[Link], list[Link]]:
    """The links of one pair, written as "0-0 1-2": in gold alignments "0?1" or "0p1" is a possible
    link, and the others are sure.

    Args:
        text: str.
        where: str, what the text is, for a message.

    Returns:
        two lists of `(source, target)` positions from 0, the sure links and the possible ones.

    Raises:
        ValueError: for anything else.
    """
    found: tuple[list[Link], list[Link]] = [], []
    for each in text.split():
        link = LINK.fullmatch(each)
        if not link:
            raise ValueError(
                f"Expected links such as 0-0 1-2 in {where}, positions of a source and a target "
                f"word from 0; received {each!r:.40}. Write them in Pharaoh's format."
            )
        found[link[2] != "-"].append((int(link[1]), int(link[3])))
    return found


def write_links(links: Iterable[Link]) -> str:
    """Links in Pharaoh's format, in order of their source words."""
    return " ".join(f"{source}-{target}" for source, target in sorted(links))


def symmetrized(forward: Iterable[Link], backward: Iterable[Link]) -> list[Link]:
    """The links of both directions of an aligner as one set, by "grow-diag-final-and".

    It begins with the links that both have, takes from their union what stands beside a link and
    links a word that had none (Koehn et al. 2003, after Och and Ney 2003), and last what links two
    words that have none (Koehn et al. 2005).

    Args:
        forward, backward: iterables of `(source, target)` positions.

    Returns:
        list of `(source, target)`, in order.
    """
    forward, backward = set(forward), set(backward)
    union, found = forward | backward, forward & backward
    sources, targets = ({link[side] for link in found} for side in (0, 1))

    def take(link):
        found.add(link)
        sources.add(link[0])
        targets.add(link[1])

    grown = True
    while grown:
        grown = False
        for source, target in sorted(found):
            for down, right in NEIGHBOURS:
                link = source + down, target + right
                free = link[0] not in sources or link[1] not in targets
                if link in union and link not in found and free:
                    take(link)
                    grown = True
    for direction in (forward, backward):
        for link in sorted(direction - found):
            if link[0] not in sources and link[1] not in targets:
                take(link)
    return sorted(found)
