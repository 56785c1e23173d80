"""Two processes that train as one, by a plain script: the weights of one process with all rows."""

import os
import socket
import subprocess
import sys

import numpy as np

from kerasseq.data import ParallelText
from kerasseq.data.numbers import number_pairs
from kerasseq.text import WordTokenizer

# What docs/guides/large_corpora.md shows, of a small model.
SCRIPT = """
import sys

import jax
import keras
import numpy as np

process, processes, port, folder = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
if processes > 1:
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    keras.distribution.initialize(f"127.0.0.1:{port}", processes, process)
    keras.distribution.set_distribution(
        keras.distribution.DataParallel(auto_shard_dataset=False)
    )
keras.utils.set_random_seed(1)

from kerasseq.data import PairIds
from kerasseq.models import Transformer
from kerasseq.text import load_tokenizer
from kerasseq.training import SequenceCrossentropy

words = load_tokenizer(f"{folder}/words")
ids = PairIds.open(f"{folder}/ids", words, words)
batches = ids.batches(batch_size=32, shuffle=True, seed=1, share=(process, processes))
model = Transformer(*[words.vocabulary_size] * 2, 8, 1, 2, 16, dropout=0.0)
model.compile(keras.optimizers.Adam(1e-3, epsilon=1e-5), SequenceCrossentropy(0.1))
epochs = -(-200 // len(batches))
history = model.fit(batches, epochs=epochs, verbose=0)
weights = [np.asarray(each.value.addressable_data(0)) for each in model.weights]
np.savez(f"{folder}/{process}-{processes}.npz", *weights, np.array(history.history["loss"]))
"""


def test_two_processes_learn_what_one_does(tmp_path):
    # Few, for few shapes to compile; the targets have several words.
    pairs = [pair[::-1] for pair in number_pairs("german", 100, 1, 1)[0][:64]]
    words = WordTokenizer.train(line for pair in pairs for line in pair)
    words.save(tmp_path / "words")
    ids = ParallelText.from_pairs(pairs).prepare(tmp_path / "ids", words, words)
    options = {"batch_size": 32, "shuffle": True, "seed": 1}
    halves = [list(ids.batches(**options, share=(part, 2))) for part in (0, 1)]
    # Of each batch every row is in one half, and the halves hold different numbers of tokens.
    unequal = 0
    for first, second, whole in zip(*halves, ids.batches(**options), strict=True):
        np.testing.assert_array_equal(np.concatenate([first[1], second[1]]), whole[1])
        unequal += float(first[2].numpy().sum()) != float(second[2].numpy().sum())
    assert unequal

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    for processes in (1, 2):
        running = [
            subprocess.Popen(
                [sys.executable, "-c", SCRIPT, str(part), str(processes), str(port), tmp_path],
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            for part in range(processes)
        ]
        try:
            for each in running:
                _, said = each.communicate(timeout=600)
                assert each.returncode == 0, said[-3000:]
        finally:
            for each in running:
                each.kill()
    one, first, second = (
        [*np.load(tmp_path / f"{name}.npz").values()] for name in ("0-1", "0-2", "1-2")
    )
    for whole, ours, theirs in zip(one, first, second, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_allclose(ours, whole, atol=1e-5)
