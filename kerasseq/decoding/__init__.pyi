from .alternatives import Alternatives as Alternatives
from .beam import Beam as Beam
from .diverse_beam import DiverseBeam as DiverseBeam
from .get import get as get
from .get import serialize as serialize
from .greedy import Greedy as Greedy
from .sampling import Sampling as Sampling
from .search import Hypotheses as Hypotheses
from .search import Search as Search

__all__ = [
    "Alternatives",
    "Beam",
    "DiverseBeam",
    "Greedy",
    "Hypotheses",
    "Sampling",
    "Search",
    "get",
    "serialize",
]
