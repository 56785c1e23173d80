"""One epoch of a recipe under JAX, then its logits under TensorFlow.

python benchmarks/jax_to_tensorflow.py multi30k_tutorial runs/jax_tutorial

Prints the epoch's figures and the largest difference of a logit over 64 validation pairs.
"""

import os
import pathlib
import subprocess
import sys

import keras
import numpy as np

from kerasseq import Translator
from kerasseq.recipes import load_recipe, train
from kerasseq.recipes.corpora import build_data

OVERRIDES = ["training.epochs=1", 'training.precision="float32"', "training.warmup_steps=0"]


def logits(translator, recipe):
    """The logits of 64 validation pairs, and how often each token counts."""
    pairs = build_data(recipe["data"]).validation.take(64)
    batches = pairs.batches(
        translator.source, translator.target, **recipe["batches"] | {"max_length": 40}
    )
    return [
        (keras.ops.convert_to_numpy(translator.model(inputs)), np.asarray(weights))
        for inputs, _, weights in batches
    ]


def main(name, run):
    """Trains in a process under JAX, compares in this one."""
    recipe = load_recipe(name, OVERRIDES)
    if keras.backend.backend() == "jax":
        found = logits(train(recipe, run), recipe)
        np.savez(pathlib.Path(run) / "logits.npz", *[values for values, _ in found])
        return
    subprocess.run(
        [sys.executable, __file__, name, run],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        check=True,
    )
    with np.load(pathlib.Path(run) / "logits.npz") as saved:
        differences = [
            np.abs(values - saved[key])[weights > 0].max()
            for (values, weights), key in zip(
                logits(Translator.load(pathlib.Path(run) / "translator"), recipe),
                saved.files,
                strict=True,
            )
        ]
    print((pathlib.Path(run) / "log.txt").read_text(encoding="utf-8"), end="")
    print(f"largest difference of a logit under TensorFlow: {max(differences):.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
