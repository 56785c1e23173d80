"""Tokens a second of fine-tuning a BERT: kerasseq beside transformers with PyTorch, in turns.

python benchmarks/fine_tuning_speed.py FOLDER texts.txt

FOLDER is a BERT in Hugging Face's layout; lines hold a label, a space and a text. Both train the
same weights on the same batches of 32 with AdamW, decay and the gradient's norm cut at 1. A turn
is 20 batches. Printed are the medians of the turns and their ratio; also kerasseq in bfloat16,
where the processor has products of it.
"""

import itertools
import sys

from kerasseq import machine

machine.for_training()  # before TensorFlow, as `kerasseq train` does

import keras  # noqa: E402

import kerasseq as ks  # noqa: E402
from machine import has_bfloat16, processor  # noqa: E402
from peers.torch_fine_tuning import TorchFineTuning  # noqa: E402
from turns import BATCHES, print_rates, training_rates  # noqa: E402

RATE, DECAY = 1e-5, 0.01
STEPS = 10_000


def keras_step(classifier):
    """A function that trains the classifier's model on one batch."""
    classifier.model.compile(
        ks.training.fine_tuning_optimizer(classifier.model, STEPS, RATE, weight_decay=DECAY),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return classifier.model.train_on_batch


def main(folder, path):
    """Prints the table."""
    print(processor())
    corpus = ks.data.LabelledText.from_lines(path)
    labels = corpus.label_names()

    def classifier(precision):
        policy = keras.DTypePolicy(precision)
        return ks.TextClassifier.from_hugging_face(folder, labels, 64, dtype=policy, head="new")

    plain = classifier("float32")
    steps = {
        "transformers, PyTorch eager": TorchFineTuning(
            folder, "sequence", labels, plain.tokenizer.separator_id, STEPS, RATE, DECAY
        ).step,
        "kerasseq, float32": keras_step(plain),
    }
    if has_bfloat16():
        steps["kerasseq, bfloat16"] = keras_step(classifier("mixed_bfloat16"))
    stream = plain.batches(corpus, 32, shuffle=True, seed=1)
    batches = list(itertools.islice(stream, 3 * BATCHES))
    rates = training_rates(steps, batches, lambda read, _: int((read["tokens"].numpy() != 0).sum()))
    print(f"median (spread) of turns of {BATCHES} batches")
    print_rates(rates, "tokens/s")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
