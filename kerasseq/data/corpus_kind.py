"""Whether something is a corpus of the kind that a task reads."""

from kerasseq import data


def check_kind(corpus: object, name: str | None) -> None:
    """Refuses what is no corpus of a kind, or of one derived from it.

    Args:
        corpus: what was given for one.
        name: str, the kind's class, of `kerasseq.data` or of the task's own; None for any kind.

    Raises:
        ValueError: see above; it names the ways to make one.
    """
    if name is None or name in [kind.__name__ for kind in type(corpus).__mro__]:
        return
    kind = getattr(data, name, None)
    ways = ", ".join(way for way in dir(kind) if way.startswith("from_"))
    raise ValueError(
        f"Expected a {'kerasseq.data.' if kind else ''}{name}; received "
        f"{' '.join(repr(corpus).split())!s:.60} ({type(corpus).__name__}). Make one of it by "
        f"{name}{'.' if ways else ''}{ways}."
    )
