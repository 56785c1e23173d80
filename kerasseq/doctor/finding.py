"""One thing that is wrong, in a sentence, and how it is said."""

from __future__ import annotations

import typing
import warnings
from collections.abc import Iterable


class DoctorWarning(UserWarning):
    """What the doctor warns of: to be filtered apart from others."""


class Finding(typing.NamedTuple):
    """One thing that is wrong.

    Attributes:
        name: str, the kind of fault, in a word or two.
        sentence: str, what was expected, what was found, and what to do.
    """

    name: str
    sentence: str


def warn(findings: Iterable[Finding]) -> None:
    """Warns of each finding, as a DoctorWarning."""
    for each in findings:
        warnings.warn(each.sentence, DoctorWarning, stacklevel=3)
