"""What a large step needs: memory and time of ways to train, each in a process of its own.

python benchmarks/large_steps.py

A Transformer of 6 + 6 blocks, 128 wide, and 1,000 tokens learns batches of 128 pairs of 64 tokens:
as it is, in four parts (`accumulation_steps`), with blocks that are computed twice
(`rematerialize`), both, and in half precision. Printed are the peak of resident memory above what
the process had before its first step (VmHWM, Linux), and the seconds of the fastest of three steps.
"""

import subprocess
import sys
import time

from machine import memory

PAIRS, LENGTH, TOKENS = 128, 64, 1000
WAYS = {
    "float32": {},
    "in 4 parts": {"parts": 4},
    "rematerialized": {"rematerialize": True},
    "both": {"parts": 4, "rematerialize": True},
    "mixed_bfloat16": {"precision": "mixed_bfloat16"},
    "mixed_float16": {"precision": "mixed_float16"},
}


def measure(parts=1, rematerialize=False, precision="float32"):
    """Trains three steps, and prints the memory and the seconds."""
    import keras
    import numpy as np

    from kerasseq.models import Transformer
    from kerasseq.recipes.build import build_optimizer
    from kerasseq.training import AccumulatedCrossentropy

    keras.utils.set_random_seed(1)
    model = Transformer(TOKENS, TOKENS, 128, 6, 4, 512, dropout=0.1, dtype=precision)
    model.rematerialize = rematerialize
    section = {"epochs": 1, "precision": precision, "accumulation_steps": parts}
    model.compile(build_optimizer(section, 3), AccumulatedCrossentropy(0.1))
    ids = np.random.default_rng(1).integers(4, TOKENS, (PAIRS // parts, LENGTH)).astype("int32")
    batch = {"source": ids, "target": ids}, ids, np.ones(ids.shape, "float32")
    before, seconds = memory("VmRSS"), []
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(parts):
            model.train_on_batch(*batch)
        seconds.append(time.perf_counter() - started)
    print(f"{memory('VmHWM') - before:6,} MiB {min(seconds):6.1f} s a step")


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(**WAYS[sys.argv[1]])
    else:
        for way in WAYS:
            print(f"{way:16}", end="", flush=True)
            subprocess.run([sys.executable, __file__, way], check=True)
