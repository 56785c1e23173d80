"""What setup.cfg asks for, and all that this asks for, as it is installed here."""

import configparser
import pathlib
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).parents[1]


def asked_for():
    """The package's requirements: a dict from "" (always) and each extra to a list of them."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    sections = {"": setup["options"]["install_requires"], **setup["options.extras_require"]}
    return {
        name: list(map(Requirement, filter(None, text.split("\n"))))
        for name, text in sections.items()
    }


def with_all_they_ask_for(requirements):
    """The installed distributions that some requirements lead to: a dict from names to them.

    Args:
        requirements: list of packaging.requirements.Requirement.

    Raises:
        ValueError: for one that is not installed.
    """
    found, left = {}, [(each, set(each.extras)) for each in requirements]
    seen = set()
    while left:
        requirement, extras = left.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise ValueError(
                f"Expected {requirement} to be installed; received none. Run make test first."
            ) from None
        for text in found[name].requires or ():
            inner = Requirement(text)
            if inner.marker is None or any(
                inner.marker.evaluate({"extra": extra}) for extra in extras | {""}
            ):
                left.append((inner, set(inner.extras)))
    return dict(sorted(found.items()))
