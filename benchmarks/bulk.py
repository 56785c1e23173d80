"""Translation in bulk: nothing lost or twice, a worker killed on the way, lines a second.

python benchmarks/bulk.py MODEL LINES FOLDER [TEXT]

MODEL is a saved translator, LINES how many lines of TEXT (by default the number words of
`kerasseq data numbers`), repeated where it has fewer. They are translated by `Translator` in this
process, and by `kerasseq bulk` with an export of it: with one worker, with two, and with two of
which one is killed (SIGKILL) once a fourth is done, and once the command itself, which is then
called again. Printed are seconds, lines a second, and whether the bytes are those of `Translator`.
What is made in FOLDER is removed.
"""

import hashlib
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from machine import processor


def main(model, count, folder, text=None):
    from kerasseq import Translator, saved_models
    from kerasseq.data import load
    from kerasseq.data.lines import read_lines

    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    count = int(count)
    lines = list(read_lines(text)) if text else list(load("numbers").train.sources())
    lines = list(itertools.islice(itertools.cycle(lines), count))
    (folder / "in.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    translator = Translator.load(saved_models.model_folder(model))
    translator.export(folder / "export")
    cores = len(os.sched_getaffinity(0))
    print(f"{model}, {count:,} lines, {cores} core(s), {processor()}")
    started = time.perf_counter()
    expected = "".join(f"{each}\n" for each in translator(lines)).encode()
    tell("Translator in one process", count, time.perf_counter() - started, None)
    ways = {
        "1 worker": (1, None),
        "2 workers": (2, None),
        "2 workers, one killed": (2, "worker"),
        "2 workers, all killed, and again": (2, "command"),
    }
    for way, (workers, kill) in ways.items():
        output = folder / "out.txt"
        started = time.perf_counter()
        said = translate(folder, output, workers, kill, count)
        seconds = time.perf_counter() - started
        if kill == "command":
            said = translate(folder, output, workers, None, count)
            seconds = time.perf_counter() - started
        same = hashlib.sha256(output.read_bytes()).digest() == hashlib.sha256(expected).digest()
        tell(way, count, seconds, same)
        for line in said.splitlines():
            if "worker ended" in line or "goes on" in line:
                print(f"    {line}")
        if not same:
            sys.exit(f"{way}: other bytes than Translator's, in {output}")
        output.unlink()
    shutil.rmtree(folder)


def translate(folder, output, workers, kill, count):
    """Runs the command, kills what is to be killed; returns what it said."""
    command = [sys.executable, "-m", "kerasseq", "bulk", folder / "export", folder / "in.txt"]
    command += [output, "--workers", str(workers)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    running = subprocess.Popen(command, **quiet, text=True)
    answers = folder / f"{output.name}.parts" / "answers"
    while kill:
        assert running.poll() is None, running.stderr.read()
        if answers.is_dir() and len(list(answers.glob("*.json"))) * 512 >= count / 4:
            found = subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True)
            workers = list(map(int, found.stdout.split()))
            os.kill(running.pid if kill == "command" else workers[0], signal.SIGKILL)
            break
        time.sleep(0.05)
    said = running.communicate()[1]
    assert running.returncode == (-signal.SIGKILL if kill == "command" else 0), said
    return said


def tell(way, count, seconds, same):
    """Prints a row."""
    found = {None: "", True: "the same bytes", False: "OTHER BYTES"}[same]
    print(f"{way:34} {seconds:7.1f} s {count / seconds:8,.0f} lines/s   {found}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
