"""Training the LSTM with Luong attention: target tokens a second beside PyTorch eager, in turns.

python benchmarks/luong_training_speed.py

Both train the model of the `multi30k_luong` recipe in float32, on the same batches of Multi30k
German to English, with Adam and the gradient's norm cut at 1. A turn is 20 batches. Printed are
the medians of the turns and their ratio; also kerasseq in bfloat16, as the recipe trains.
"""

import itertools
import statistics
import sys
import time

import keras
import torch

from kerasseq import models, training
from kerasseq.recipes import load_recipe
from kerasseq.recipes.build import build_data, build_tokenizers
from peers.torch_luong import TorchLuong

TURNS, BATCHES = 7, 20


def keras_turn(recipe, source_size, target_size, precision):
    """A function that trains our model on a list of batches."""
    options = {name: value for name, value in recipe["model"].items() if name != "kind"}
    model = models.AttentionSeq2Seq(
        source_size, target_size, **options, dtype=keras.DTypePolicy(precision)
    )
    model.compile(
        keras.optimizers.Adam(1e-3, global_clipnorm=1.0), loss=training.SequenceCrossentropy()
    )

    def turn(batches):
        for inputs, target, weight in batches:
            model.train_on_batch(inputs, target, weight)

    return turn


def torch_turn(recipe, source_size, target_size):
    """A function that trains PyTorch's model on a list of batches."""
    options = recipe["model"]
    model = TorchLuong(
        source_size,
        target_size,
        options["embedding_dim"],
        options["hidden_dim"],
        options["dropout"],
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = torch.nn.CrossEntropyLoss(ignore_index=0)

    def turn(batches):
        for inputs, target, _ in batches:
            source, fed, expected = (
                torch.from_numpy(part.numpy()).long()
                for part in (inputs["source"], inputs["target"], target)
            )
            optimizer.zero_grad()
            logits = model(source, fed)
            loss_of(logits.flatten(0, 1), expected.flatten()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    return turn


def main():
    """Prints the table."""
    recipe = load_recipe("multi30k_luong")
    data = build_data(recipe["data"])
    source, target = build_tokenizers(recipe, data.train)
    stream = data.train.batches(source, target, shuffle=True, seed=1, **recipe["batches"])
    batches = list(itertools.islice(stream, BATCHES * 3))
    sizes = source.vocabulary_size, target.vocabulary_size
    ways = {
        "PyTorch eager, float32": torch_turn(recipe, *sizes),
        "kerasseq, float32": keras_turn(recipe, *sizes, "float32"),
        "kerasseq, bfloat16": keras_turn(recipe, *sizes, "mixed_bfloat16"),
    }
    for way in ways.values():
        way(batches)  # every shape is traced once
    rates = {name: [] for name in ways}
    for turn in range(TURNS):
        chosen = batches[turn % 3 * BATCHES :][:BATCHES]
        tokens = sum(float(weight.numpy().sum()) for _, _, weight in chosen)
        for name, way in ways.items():
            started = time.perf_counter()
            way(chosen)
            rates[name].append(tokens / (time.perf_counter() - started))
            print(f"turn {turn + 1}/{TURNS}: {name} {rates[name][-1]:.0f}", file=sys.stderr)
    base = statistics.median(next(iter(rates.values())))
    print(f"{torch.get_num_threads()} threads, median of {TURNS} turns of {BATCHES} batches")
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"{name:24} {rate:6.0f} target tokens/s   ×{rate / base:.2f}")


if __name__ == "__main__":
    main()
