"""One of several processes that train as one, watched: where others end, it says so and ends."""

import contextlib
import os
import subprocess
import sys

import typer

from kerasseq.cli.saying import sentence
from kerasseq.parent import end_with_parent
from kerasseq.processes import lost

WATCHED = "KERASSEQ_WATCHED"
LOST = 75  # exit status: others are lost, try again


def is_watched():
    """Whether this process is the one that trains; from then on it ends with the one that watches.

    What JAX writes without Python, as a stack where others are lost, is dropped.
    """
    if os.environ.pop(WATCHED, None) is None:
        return False
    end_with_parent()
    with open(os.devnull, "w") as nowhere:
        for number, name in ((1, "stdout"), (2, "stderr")):
            stream = getattr(sys, name)
            stream.flush()
            own = os.fdopen(os.dup(number), "w", 1, encoding=stream.encoding, errors=stream.errors)
            setattr(sys, name, own)
            os.dup2(nowhere.fileno(), number)
    return True


def watch(processes, run):
    """Runs this same command in a process that is watched, until it ends.

    Args:
        processes: int, that train as one.
        run: path of the run folder.

    Raises:
        ConnectionError: where another process ended before.
    """
    command = [sys.executable, "-m", "kerasseq", *sys.argv[1:]]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, env=os.environ | {WATCHED: "1"}
    ) as training:
        code = training.wait()
    if code == LOST or code < 0:
        raise ConnectionError(
            f"Expected all {processes} processes to train to the end; one of them ended before. "
            f"Give each its command again: the run goes on at the last checkpoint in {run}."
        )
    if code:
        raise typer.Exit(code)


@contextlib.contextmanager
def ended_at_once():
    """Ends the process behind it, and where it fails, which it says, without waiting for the
    others."""
    code = 0
    try:
        yield
    except Exception as error:
        code = LOST if lost(error) else 1
        if code == 1:
            print(f"kerasseq: {sentence(error)}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
