"""Searches by name."""

from __future__ import annotations

import typing

from kerasseq.decoding.alternatives import Alternatives
from kerasseq.decoding.beam import Beam
from kerasseq.decoding.diverse_beam import DiverseBeam
from kerasseq.decoding.greedy import Greedy
from kerasseq.decoding.sampling import Sampling
from kerasseq.decoding.search import Search

SEARCHES = {
    "beam": Beam,
    "greedy": Greedy,
    "sampling": Sampling,
    "alternatives": Alternatives,
    "diversebeam": DiverseBeam,
}


def get(identifier: Search | str | dict[str, typing.Any]) -> Search:
    """Finds a search.

    Args:
        identifier: "greedy", "beam", "sampling", "alternatives", "diversebeam", a dict of
            `class_name` and `config`, or a Search, which is returned as it is.

    Returns:
        Search.

    Raises:
        ValueError: for anything else.
    """
    if isinstance(identifier, Search):
        return identifier
    name, config = identifier, {}
    if isinstance(identifier, dict):
        name, config = identifier.get("class_name"), identifier.get("config", {})
    if not isinstance(name, str) or name.lower() not in SEARCHES:
        raise ValueError(
            f"Expected a search of {', '.join(SEARCHES)}; received {identifier!r}. Choose one."
        )
    return SEARCHES[name.lower()](**config)


def serialize(search: Search) -> dict[str, typing.Any]:
    """A search as a dict that `get` reads."""
    return {"class_name": type(search).__name__.lower(), "config": search.get_config()}
