"""Training the LSTM with Luong attention: target tokens a second beside PyTorch eager, in turns.

python benchmarks/luong_training_speed.py

Both train the model of the `multi30k_luong` recipe in float32, on the same batches of Multi30k
German to English, with Adam and the gradient's norm cut at 1. A turn is 20 batches. Printed are
the medians of the turns and their ratio; also kerasseq in bfloat16, as the recipe trains.
"""

import itertools

import keras
import torch

from kerasseq import models, training
from kerasseq.recipes import load_recipe
from kerasseq.recipes.build import build_tokenizers
from kerasseq.recipes.corpora import build_data
from peers.torch_luong import TorchLuong
from turns import BATCHES, race


def keras_step(recipe, source_size, target_size, precision):
    """A function that trains our model on one batch."""
    options = {name: value for name, value in recipe["model"].items() if name != "kind"}
    model = models.AttentionSeq2Seq(
        source_size, target_size, **options, dtype=keras.DTypePolicy(precision)
    )
    model.compile(
        keras.optimizers.Adam(1e-3, global_clipnorm=1.0), loss=training.SequenceCrossentropy()
    )

    return model.train_on_batch


def torch_step(recipe, source_size, target_size):
    """A function that trains PyTorch's model on one batch."""
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

    def step(inputs, target, weight):
        source, fed, expected = (
            torch.from_numpy(part.numpy()).long()
            for part in (inputs["source"], inputs["target"], target)
        )
        optimizer.zero_grad()
        logits = model(source, fed)
        loss_of(logits.flatten(0, 1), expected.flatten()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def main():
    """Prints the table."""
    recipe = load_recipe("multi30k_luong")
    data = build_data(recipe["data"])
    source, target = build_tokenizers(recipe, data.train)
    stream = data.train.batches(source, target, shuffle=True, seed=1, **recipe["batches"])
    batches = list(itertools.islice(stream, BATCHES * 3))
    sizes = source.vocabulary_size, target.vocabulary_size
    ways = {
        "PyTorch eager, float32": torch_step(recipe, *sizes),
        "kerasseq, float32": keras_step(recipe, *sizes, "float32"),
        "kerasseq, bfloat16": keras_step(recipe, *sizes, "mixed_bfloat16"),
    }
    race(ways, batches, lambda inputs, _, weight: float(weight.numpy().sum()), "target tokens/s")


if __name__ == "__main__":
    main()
