"""`kerasseq serve` under load: requests a second, latency, and the server's memory.

python benchmarks/serving_load.py saved_models/numbers_en_de [requests] [clients]

Clients with a connection each send one line at a time and wait for its translation. The lines
are random words of the model's examples, 1 to 20 of them, seed 1: hardly one comes twice. A row
is printed before the first request and after each thousand; memory is the server's resident set.
"""

import concurrent.futures
import http.client
import itertools
import json
import pathlib
import random
import socket
import subprocess
import sys
import time

import numpy as np
from rich.console import Console
from rich.table import Table

BLOCK = 1000
LONGEST = 20


def main(model, requests=10_000, clients=4):
    """Prints the table."""
    model = pathlib.Path(model)
    lines = random_lines(model / "examples.txt")
    table = Table("requests", "a second", "p50 ms", "p95 ms", "p99 ms", "memory MiB")
    server, port = serve(model)
    try:
        table.add_row("0", "", "", "", "", f"{memory(server):.0f}")
        for done in range(0, requests, BLOCK):
            block = list(itertools.islice(lines, min(BLOCK, requests - done)))
            started = time.perf_counter()
            with concurrent.futures.ThreadPoolExecutor(clients) as pool:
                shares = [block[first::clients] for first in range(clients)]
                asked = pool.map(lambda share: client(port, model.name, share), shares)
                seconds = [each for share in asked for each in share]
            rate = len(block) / (time.perf_counter() - started)
            quantiles = (f"{1000 * q:.1f}" for q in np.quantile(seconds, (0.5, 0.95, 0.99)))
            row = f"{done + len(block):,}", f"{rate:.0f}", *quantiles, f"{memory(server):.0f}"
            print(*row, file=sys.stderr)
            table.add_row(*row)
    finally:
        server.terminate()
        server.wait()
    table.title = f"{model.name}: {clients} clients at once"
    Console().print(table)


def random_lines(examples):
    """Endless lines of 1 to 20 random words of the examples."""
    words = sorted(set(examples.read_text(encoding="utf-8").split()))
    draw = random.Random(1)
    while True:
        yield " ".join(draw.choices(words, k=draw.randint(1, LONGEST)))


def serve(model):
    """Starts a server and waits until it answers: its process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kerasseq", "serve", str(model), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while server.poll() is None:
        try:
            client(port, model.name, ["warm"])
            return server, port
        except OSError:
            time.sleep(0.5)
    sys.exit(f"Expected {model} to be served; its server ended with {server.returncode}.")


def client(port, name, lines):
    """Sends lines one after the other: the seconds that each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    seconds = []
    for line in lines:
        body = json.dumps({"instances": [line]})
        started = time.perf_counter()
        connection.request("POST", f"/v1/models/{name}:predict", body)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        seconds.append(time.perf_counter() - started)
        if answer.status != 200:
            raise RuntimeError(f"Expected a translation of {line!r}; received {found['error']}")
    connection.close()
    return seconds


def memory(process):
    """The resident set of a process, in MiB."""
    found = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, text=True, check=True
    )
    return int(found.stdout) / 1024


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:]))
