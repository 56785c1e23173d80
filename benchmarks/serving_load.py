"""`kerasseq serve` under load: requests a second, latency, and the server's memory.

python benchmarks/serving_load.py saved_models/numbers_en_de [requests] [clients …]

Clients with a connection each send one line at a time and wait for its translation. The lines
are random words of the model's examples, 1 to 20 of them, seed 1: hardly one comes twice. Each
number of clients (1 and 32 by default) asks a server that answers every request alone, one after
the other, and one that answers those that wait together, in turns: three blocks each. A block is a
third of the requests; the first requests, which are slow, come before. Memory is the server's
resident set, before its blocks and behind them. Status 503 is counted; another than 200 ends it.
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
import tempfile
import time

import numpy as np
from rich.console import Console
from rich.table import Table

BLOCKS = 3
LONGEST = 20
SETTINGS = {
    "each alone": ["--together", "1", "--workers", "1"],
    "together": [],
}


def main(model, requests=3000, *clients):
    """Prints the table."""
    model = pathlib.Path(model)
    lines = random_lines(model / "examples.txt")
    table = Table("clients", "requests", "a second", "p50 ms", "p99 ms", "503", "memory MiB")
    with tempfile.TemporaryDirectory() as folder:
        exported = pathlib.Path(folder) / model.name
        command = [sys.executable, "-m", "kerasseq", "export", str(model), str(exported)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        servers = {name: serve(exported, options) for name, options in SETTINGS.items()}
        try:
            for count in clients or (1, 32):
                for port in (port for _, port in servers.values()):
                    load(port, model.name, list(itertools.islice(lines, 4 * count)), count)
                before = {name: memory(server) for name, (server, _) in servers.items()}
                found = {name: ([], []) for name in SETTINGS}
                for _ in range(BLOCKS):
                    for name, (_, port) in servers.items():
                        block = list(itertools.islice(lines, requests // BLOCKS))
                        seconds, rate = load(port, model.name, block, count)
                        found[name][0].extend(seconds)
                        found[name][1].append(rate)
                for name, (seconds, rates) in found.items():
                    answered = [each for each in seconds if each is not None]
                    p50, p99 = 1000 * np.quantile(answered, (0.5, 0.99))
                    used = f"{before[name]:.0f} to {memory(servers[name][0]):.0f}"
                    refused = len(seconds) - len(answered)
                    row = f"{count}", name, f"{np.mean(rates):.0f}", f"{p50:.1f}", f"{p99:.1f}"
                    table.add_row(*row, f"{refused}", used)
                    print(*row, refused, used, file=sys.stderr)
        finally:
            for server, _ in servers.values():
                server.terminate()
                server.wait()
    table.title = f"{model.name}, {requests} requests a row"
    Console().print(table)


def load(port, name, lines, clients):
    """The seconds of each request, None for one that was refused, and answers a second."""
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        shares = [lines[first::clients] for first in range(clients)]
        found = [e for share in pool.map(lambda s: client(port, name, s), shares) for e in share]
    return found, sum(each is not None for each in found) / (time.perf_counter() - started)


def random_lines(examples):
    """Endless lines of 1 to 20 random words of the examples."""
    words = sorted(set(examples.read_text(encoding="utf-8").split()))
    draw = random.Random(1)
    while True:
        yield " ".join(draw.choices(words, k=draw.randint(1, LONGEST)))


def serve(model, options=()):
    """Starts a server with some options and waits until it answers: its process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kerasseq", "serve", str(model), "--port", str(port), *options]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while server.poll() is None:
        try:
            client(port, model.name, ["warm"])
            return server, port
        except OSError:
            time.sleep(0.5)
    sys.exit(f"Expected {model} to be served; its server ended with {server.returncode}.")


def client(port, name, lines):
    """Sends lines one after the other: the seconds that each took, None for one that was refused
    with 503."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    seconds = []
    for line in lines:
        body = json.dumps({"instances": [line]})
        started = time.perf_counter()
        connection.request("POST", f"/v1/models/{name}:predict", body)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        seconds.append(time.perf_counter() - started)
        if answer.status == 503:
            seconds[-1] = None
        elif answer.status != 200:
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
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:]))
