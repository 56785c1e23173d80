"""The backend without its log lines, which no setting turns off."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
import typing
from collections.abc import Iterator

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # 3 leaves out all but what ends the process
LOUD = ("tensorflow", "tensorflow_text", "ai_edge_litert")


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Drops what is written to standard error meanwhile, by C++ too."""
    sys.stderr.flush()
    try:
        screen = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(screen, 2)
            os.close(screen)


class QuietImports(importlib.abc.MetaPathFinder):
    """Finds the modules that log while they load, and lets them load quietly.

    An error while they load is raised as ever.
    """

    def find_spec(
        self, fullname: str, path: typing.Any = None, target: typing.Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in LOUD:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is None or found.loader is None:
            return None
        load = found.loader.exec_module

        def load_quietly(module):
            with quietly():
                load(module)

        found.loader.exec_module = load_quietly
        return found


def in_a_notebook_be_quiet() -> None:
    """In a notebook, lets TensorFlow load and run without log lines; elsewhere does nothing.

    There they would stand in red below the first cell. What the environment says counts, and what
    is loaded already stays as it is.
    """
    if "ipykernel" in sys.modules and not any(
        isinstance(each, QuietImports) for each in sys.meta_path
    ):
        os.environ.setdefault(LEVEL, "3")
        sys.meta_path.insert(0, QuietImports())
