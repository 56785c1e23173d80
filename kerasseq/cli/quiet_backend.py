"""The backend, loaded without its log lines, which no setting turns off."""

import os
import sys


def load_backend():
    """Imports Keras and its backend, and drops their log lines. It takes seconds: what needs
    neither comes before."""
    sys.stderr.flush()
    try:
        screen = os.dup(2)
    except OSError:  # it is closed
        import keras

        return
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import keras  # noqa: F401
        finally:
            os.dup2(screen, 2)
            os.close(screen)
