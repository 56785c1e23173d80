"""The memory of `kerasseq serve` over many requests.

python benchmarks/serving_memory.py saved_models/numbers_en_de [requests] [clients]

Clients with a connection each (32 by default) send one word at a time, each the next of the model's
vocabulary, and wait for its translation: 100,000 requests in all. After 1,000, 10,000 and every
10,000 further ones the server's resident set is printed. Another status than 200 ends it.
"""

import itertools
import pathlib
import subprocess
import sys
import tempfile
import time

from serving_load import load, memory, serve

STEP = 10_000
FIRST = 1000


def main(model, requests=100_000, clients=32):
    """Prints a line at each step."""
    model = pathlib.Path(model)
    words = sorted(set((model / "examples.txt").read_text(encoding="utf-8").split()))
    lines, done, first = itertools.cycle(words), 0, None
    with tempfile.TemporaryDirectory() as folder:
        exported = pathlib.Path(folder) / model.name
        command = [sys.executable, "-m", "kerasseq", "export", str(model), str(exported)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        server, port = serve(exported)
        try:
            started = time.perf_counter()
            print(f"{model.name}, {clients} clients, one word a request", flush=True)
            for until in (FIRST, *range(STEP, requests + 1, STEP)):
                block = list(itertools.islice(lines, until - done))
                seconds, _ = load(port, model.name, block, clients)
                if None in seconds:
                    sys.exit(f"Expected every request answered; received 503 before {until:,}.")
                done, used = until, memory(server)
                first = first or used
                print(f"{done:>9,} requests{used:>9.1f} MiB{used - first:>+8.1f}", flush=True)
            print(f"{time.perf_counter() - started:.0f} seconds")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:]))
