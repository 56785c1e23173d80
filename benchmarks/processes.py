"""Training in two processes beside one: seconds of an epoch, in turns.

python benchmarks/processes.py FOLDER [TURNS]

A Transformer of 4 + 4 blocks, 128 wide, learns number words by `kerasseq train` under JAX, in
float32, 128 pairs a step: in one process that has one core, and in two that have a core each and
share a step's pairs (each steps with 64 of them and adds up 10 MB of gradients with the other).
Each way trains three times, or TURNS, in turns. Printed are the medians of the epochs behind the
first, which compiles; validation is in them. FOLDER must not exist; it is removed.
"""

import itertools
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time

from machine import processor

EPOCHS = 4
PAIRS = {"train": 2048, "validation": 256}
RECIPE = f"""
[data]
train_source = "train.source"
train_target = "train.target"
validation_source = "validation.source"
validation_target = "validation.target"
prepared = "prepared"

[source_tokenizer]
kind = "word"

[target_tokenizer]
kind = "character"

[batches]
batch_size = 128
max_length = 64

[model]
kind = "Transformer"
hidden_dim = 128
num_layers = 4
num_heads = 4
feed_forward_dim = 512
dropout = 0.1

[training]
epochs = {EPOCHS}
seed = 1
learning_rate = 0.001

[search]
kind = "greedy"

[translation]
bleu_tokenize = "char"
max_length = 64
"""


def main(folder, turns=3):
    folder, turns = pathlib.Path(folder), int(turns)
    folder.mkdir(parents=True)
    write(folder)
    cores = sorted(os.sched_getaffinity(0))
    if command(folder, cores, "prepare", "recipe.toml").wait():
        sys.exit(f"Expected the pairs of {folder} to be prepared; see above.")
    seconds = {1: [], 2: []}
    for turn in range(turns):
        for count, found in seconds.items():
            found += epochs(folder, f"{turn}-{count}", cores[:count])
            print(f"turn {turn + 1}, {count}: {found[1 - EPOCHS :]}", file=sys.stderr, flush=True)
    one, two = map(statistics.median, seconds.values())
    print(f"{processor()}, {len(cores)} cores, the median of {turns * (EPOCHS - 1)} epochs")
    print(f"1 process   {one:6.1f} s an epoch")
    print(f"2 processes {two:6.1f} s an epoch, ×{one / two:.2f} as fast")
    shutil.rmtree(folder)


def write(folder):
    """The recipe, and the files that it names."""
    from kerasseq.data import load

    data = load("numbers")
    for part in ("train", "validation"):
        pairs = list(getattr(data, part))[: PAIRS[part]]
        for side, lines in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
            text = "".join(f"{line}\n" for line in lines)
            (folder / f"{part}.{side}").write_text(text, encoding="utf-8")
    (folder / "recipe.toml").write_text(RECIPE)


def epochs(folder, run, cores):
    """Trains in as many processes as there are cores: the seconds of each epoch but the first."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{found.getsockname()[1]}"
    told = ["--processes", len(cores), "--coordinator", place, "--process"]
    running = [
        command(
            folder, [core], "train", "recipe.toml", "--run", run, "--json", "--quiet",
            *([*told, index] if len(cores) > 1 else []),
        )
        for index, core in enumerate(cores)
    ]  # fmt: skip
    ended = [time.perf_counter() for line in running[0].stdout if "epoch" in json.loads(line)]
    if any([each.wait() for each in running]):
        sys.exit(f"Expected each process to end well; see {folder / run}.")
    return [round(b - a, 2) for a, b in itertools.pairwise(ended)]


def command(folder, cores, *arguments):
    """Begins `kerasseq` with these arguments on these cores."""
    threads = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "kerasseq", *map(str, arguments)],
        cwd=folder, env=os.environ | threads, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
