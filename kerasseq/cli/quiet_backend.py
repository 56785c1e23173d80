"""The backend and the runtimes, without their log lines, which no setting turns off."""

import contextlib
import os
import sys


@contextlib.contextmanager
def quietly():
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


def load_backend():
    """Imports Keras and its backend. It takes seconds: what needs neither comes before."""
    with quietly():
        import keras  # noqa: F401
