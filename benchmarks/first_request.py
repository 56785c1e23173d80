"""What a warm-up is worth: the first and the second request of a server, with it and without.

python benchmarks/first_request.py saved_models/numbers_en_de [rounds]

The model is exported. `kerasseq serve` then serves the export, which warms up with the requests
that it carries, and in turn a copy without them. One client asks each signature twice, with lines
of the model's examples, each time with another. Printed is the median of the rounds.
"""

import collections
import http.client
import itertools
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from rich.console import Console
from rich.table import Table

from kerasseq import Translator

SIGNATURES = {"serving_default": ["text"], "n_best": ["text"], "score": ["source", "target"]}


def main(model, rounds=5):
    """Prints the table."""
    lines = itertools.cycle((pathlib.Path(model) / "examples.txt").read_text("utf-8").split("\n"))
    lines = filter(None, lines)
    seconds = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        ways = {name: pathlib.Path(folder, name, "1") for name in ("warmed up", "not warmed up")}
        Translator.load(model).export(ways["warmed up"])
        shutil.copytree(*ways.values(), ignore=shutil.ignore_patterns("assets.extra"))
        for way in [*ways] * rounds:
            for done, took in one_server(ways[way].parent, lines):
                seconds[way, done].append(took)
    median = {done: statistics.median(took) for done, took in seconds.items()}
    table = Table("", *ways, title=f"{pathlib.Path(model).name}: first request, then second")
    table.add_row("until it listens, s", *(f"{median[way, 'start']:.1f}" for way in ways))
    for name in SIGNATURES:
        both = ([f"{1000 * median[way, (name, which)]:.1f}" for which in (1, 2)] for way in ways)
        table.add_row(f"{name}, ms", *map(" then ".join, both))
    Console().print(table)


def one_server(folder, lines):
    """Yields pairs of what was done with a fresh server, and the seconds that it took."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kerasseq", "serve", str(folder), "--name", "model"]
    started = time.perf_counter()
    server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        while not ask(port, "GET", ""):
            if server.poll() is not None:
                sys.exit(f"Expected {folder} to be served; its server ended.")
            time.sleep(0.05)
        yield "start", time.perf_counter() - started
        for name, inputs in SIGNATURES.items():
            for which in (1, 2):
                line = next(lines)
                body = {"signature_name": name, "inputs": {each: [line] for each in inputs}}
                started = time.perf_counter()
                if not ask(port, "POST", ":predict", json.dumps(body)):
                    sys.exit(f"Expected an answer to {line!r}; received none.")
                yield (name, which), time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()


def ask(port, method, address, body=None):
    """Whether a request is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, f"/v1/models/model{address}", body)
        answer = connection.getresponse()
        return bool(answer.read()) and answer.status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:]))
