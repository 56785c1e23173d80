"""What a name that is not known was likely to be."""

import difflib
from collections.abc import Iterable


def meant(name: object, known: Iterable[str]) -> str:
    """The name that was likely meant, as a question and a space; nothing where none is near."""
    close = difflib.get_close_matches(str(name), list(known), 1)
    return f"Did you mean {close[0]}? " if close else ""
