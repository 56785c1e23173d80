"""Training two recipes' models: target tokens a second beside PyTorch eager, in turns.

python benchmarks/training_speed.py [multi30k_luong] [multi30k_tutorial]

Both train the recipe's model in float32, on the same batches of Multi30k German to English, with
Adam (ours is `kerasseq.training.Adam`, as `kerasseq train` has it) and the gradient's norm cut at
1. A turn is 20 batches. Printed are the medians of the turns and their ratio; also kerasseq in
bfloat16, where the processor has products of it. The processor's threads are those of
OMP_NUM_THREADS and TF_NUM_INTRAOP_THREADS.
"""

import itertools
import sys

from kerasseq import machine

machine.for_training()  # before TensorFlow, as `kerasseq train` does

import keras  # noqa: E402
import torch  # noqa: E402

from kerasseq import models, training  # noqa: E402
from kerasseq.recipes import load_recipe  # noqa: E402
from kerasseq.recipes.build import build_tokenizers  # noqa: E402
from kerasseq.recipes.corpora import build_data  # noqa: E402
from machine import has_bfloat16, processor  # noqa: E402
from peers.torch_luong import TorchLuong  # noqa: E402
from peers.torch_tutorial import TorchTutorial  # noqa: E402
from turns import BATCHES, print_rates, training_rates  # noqa: E402

PEERS = {"AttentionSeq2Seq": TorchLuong, "Transformer": TorchTutorial}


def keras_step(options, sizes, precision):
    """A function that trains our model on one batch."""
    options = dict(options)
    model = getattr(models, options.pop("kind"))(
        *sizes, **options, dtype=keras.DTypePolicy(precision)
    )
    model.compile(training.Adam(1e-3, global_clipnorm=1.0), loss=training.SequenceCrossentropy())
    return model.train_on_batch


def torch_step(options, sizes):
    """A function that trains PyTorch's model on one batch."""
    model = PEERS[options["kind"]].of(options, *sizes)
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


def tokens_of(inputs, target, weight):
    """How many real tokens a batch has."""
    return float(weight.numpy().sum())


def main(names):
    """Prints a table for each recipe."""
    print(processor())
    for name in names:
        recipe = load_recipe(name)
        data = build_data(recipe["data"])
        source, target = build_tokenizers(recipe, data.train)
        stream = data.train.batches(source, target, shuffle=True, seed=1, **recipe["batches"])
        batches = list(itertools.islice(stream, BATCHES * 3))
        sizes = source.vocabulary_size, target.vocabulary_size
        ways = {
            f"{name}, PyTorch eager float32": torch_step(recipe["model"], sizes),
            f"{name}, float32": keras_step(recipe["model"], sizes, "float32"),
        }
        if has_bfloat16():
            ways[f"{name}, bfloat16"] = keras_step(recipe["model"], sizes, "mixed_bfloat16")
        print(f"{torch.get_num_threads()} threads, median (spread) of turns of {BATCHES} batches")
        print_rates(training_rates(ways, batches, tokens_of), "target tokens/s")


if __name__ == "__main__":
    main(sys.argv[1:] or ["multi30k_luong", "multi30k_tutorial"])
