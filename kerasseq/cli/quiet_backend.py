"""Loading the backend without its greetings, which no setting silences."""

import functools
import os
import sys


def quietly(command):
    """The command, with the backend loaded before its first line and nothing said of it."""

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
