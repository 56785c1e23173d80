"""The backend, loaded without its log lines, which no setting turns off."""

import functools
import os
import sys


def with_quiet_backend(command):
    """Wraps a command: the backend is loaded before it runs, and its log lines are dropped."""

    @functools.wraps(command)
    def run(*arguments, **options):
        _load()
        return command(*arguments, **options)

    return run


def _load():
    sys.stderr.flush()
    screen = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import keras  # noqa: F401
        finally:
            os.dup2(screen, 2)
            os.close(screen)
