"""What a command says when it fails: one sentence, unless a traceback is asked for."""

import contextlib
import errno
import functools
import inspect
import io
import os
import re
import sys
import traceback
import warnings

import typer

DEBUG = "--debug"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
CLOSED_PIPE, INTERRUPTED = 141, 130  # as a shell reports SIGPIPE and SIGINT


def take_debug(arguments):
    """Takes `--debug` out of a command's arguments.

    Args:
        arguments: list of str; what stands behind "--" is text.

    Returns:
        the other arguments, and whether it was there.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [each for each in arguments[:end] if each != DEBUG]
    return kept + arguments[end:], len(kept) < end


def prepare_streams():
    """Gives a closed stream a place to write to, and lets an error be said in every encoding: as
    an escape where it lacks a character. Answers are exact, or not written."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif name == "stderr" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def console():
    """The rich.console.Console of what is no answer: progress, on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextlib.contextmanager
def warnings_in_a_line():
    """Says a warning without the place that warns, which is a line of this package."""
    formatted = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"warning: {_in_a_line(message)}\n"
    try:
        yield
    finally:
        warnings.formatwarning = formatted


def spoken(command, debug=False):
    """Wraps a command: an error is one line on standard error and an exit status, a warning is a
    line too.

    Args:
        command: function.
        debug: bool, whether the traceback stands before it.
    """

    @functools.wraps(command)
    def run(*arguments, **options):
        try:
            with contextlib.nullcontext() if debug else warnings_in_a_line():
                command(*arguments, **options)
            sys.stdout.flush()
        except BrokenPipeError:
            # Who reads has all that he wants; nothing is left for the end to write.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise SystemExit(CLOSED_PIPE) from None
        except KeyboardInterrupt:
            _say("kerasseq: interrupted.", debug)
            raise SystemExit(INTERRUPTED) from None
        except typer.Exit:
            raise
        except Exception as error:
            _say(f"kerasseq: {as_options(sentence(error), command)}", debug)
            raise SystemExit(1) from None

    return run


def _say(line, debug):
    if debug:
        traceback.print_exc()
    print(line, file=sys.stderr)


def _in_a_line(said):
    return " ".join(str(said).split())


def as_options(said, command):
    """A sentence in which arguments of Python are the options of a command, where it has them.

    Where it has not, an alternative such as "pass header=False, or mend it" is what is left.

    Args:
        said: str, as 'Pass encoding="cp1252".'
        command: function.

    Returns:
        str, as "Pass --encoding cp1252."
    """
    known = inspect.signature(command).parameters
    said = re.sub(
        r"\bpass (\w+)=\w+, or ", lambda found: found[0] if found[1] in known else "", said
    )
    for name in known:
        option = name.replace("_", "-")
        said = re.sub(rf'\b{name}="([^" ]+)"', rf"--{option} \1", said)
        said = re.sub(rf"\b{name}=True\b", f"--{option}", said)
        said = re.sub(rf"\b{name}=False\b", f"--no-{option}", said)
    return said


def sentence(error):
    """An error as one sentence: its own where this package wrote it."""
    said = _in_a_line(error)
    if isinstance(error, UnicodeEncodeError):
        return (
            "Expected an output that takes every character; received one in "
            f"{error.encoding}, which has no {error.object[error.start]!r}. Set "
            "PYTHONIOENCODING=utf-8."
        )
    if isinstance(error, OSError) and error.errno in NO_ROOM and not said.startswith("Expected "):
        place = error.filename or "the output"
        return f"Expected room to write {place}; received: {error.strerror}. Make some."
    if isinstance(error, OSError) and error.filename is not None:
        return (
            f"Expected to open {error.filename}; received: {error.strerror}. Check the path and "
            "its permissions."
        )
    if isinstance(error, ValueError | OSError | ImportError | FloatingPointError) and said:
        return said
    reason = f"{type(error).__name__}: {said:.300}".removesuffix(": ")
    return f"Something went wrong ({reason}). Run it again with {DEBUG} to see where."
