"""Programs run in processes of their own that begin with TensorFlow imported.

Nearly every program of the docs and the examples imports TensorFlow, which takes seconds. Here one
process imports it, and nothing of this package; each program gets a fork of that process, with its
own memory, folder, environment, arguments and streams.
"""

import multiprocessing
import os
import pathlib
import runpy
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[1]
STARTER = multiprocessing.get_context("forkserver")
STARTER.set_forkserver_preload(["tensorflow", "keras"])


def run(program, arguments=(), folder=None, **environment):
    """Runs a program to its end, which must be a good one.

    Args:
        program: pathlib.Path of a Python file, or str, Python code.
        arguments: what the program reads as its arguments.
        folder: path that the program runs in; by default, where the tests run.
        environment: variables of the environment, over those of the tests.

    Returns:
        str, what the program printed.
    """
    with tempfile.TemporaryDirectory() as kept:
        out, err = (pathlib.Path(kept) / name for name in ("out", "err"))
        given = program, [str(each) for each in arguments], folder, environment, out, err
        process = STARTER.Process(target=_run, args=given)
        process.start()
        process.join()
        assert process.exitcode == 0, err.read_text(encoding="utf-8")[-3000:]
        return out.read_text(encoding="utf-8")


def _run(program, arguments, folder, environment, out, err):
    """Runs a program in this process, which is its own."""
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.environ |= environment
    os.chdir(folder or os.getcwd())
    sys.path.insert(0, str(ROOT))
    if isinstance(program, pathlib.Path):
        sys.argv = [str(program), *arguments]
        runpy.run_path(str(program), run_name="__main__")
    else:
        sys.argv = ["-c", *arguments]
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})
