"""A Transformer block from scratch on AG News: 6,000 texts to learn from, 1,600 to test.

python benchmarks/small_transformer_classifier.py validate DATA
python benchmarks/small_transformer_classifier.py test DATA

The model that many first lessons build: 20,000 words, 32 wide, one block of two heads, mean
pooling, with a moving average of its weights. DATA is the folder that holds ag_news/.
`validate` prints the accuracy after each epoch on held-out thirds of the 6,000, from which
EPOCHS is chosen; `test` learns from all of them, with three seeds.
"""

import pathlib
import statistics
import sys

import keras

import kerasseq as ks

EPOCHS = 4
SEEDS = (1, 2, 3)


def new_classifier(train, seed):
    """A TextClassifier that has learned nothing but its words."""
    keras.utils.set_random_seed(seed)
    tokenizer = ks.text.WordTokenizer.train(
        train.texts(), vocabulary_size=20_000, lowercase=True, split="punctuation", joiners=False
    )
    encoder = ks.models.BertEncoder(
        20_000, 32, 1, 2, 32, dropout=0.1, activation="relu", epsilon=1e-6, max_length=256
    )
    model = ks.models.SequenceClassifier(encoder, 4, "mean", "relu", dropout=0.1)
    model.compile(
        keras.optimizers.Adam(1e-3, use_ema=True, ema_momentum=0.99),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return ks.TextClassifier(model, tokenizer, train.label_names(), max_length=256)


def validate(train):
    """Prints the mean accuracy on the held-out thirds, by epoch."""
    rows, curves = list(train), []
    for held in range(3):
        kept = [row for i, row in enumerate(rows) if i % 3 != held]
        learned = ks.data.LabelledText(*zip(*kept, strict=True))
        asked = ks.data.LabelledText(*zip(*rows[held::3], strict=True))
        classifier = new_classifier(learned, seed=1)
        history = classifier.model.fit(
            classifier.batches(learned, 32, shuffle=True, seed=1),
            validation_data=classifier.batches(asked, 128),
            epochs=2 * EPOCHS,
            callbacks=[keras.callbacks.SwapEMAWeights()],
            verbose=0,
        )
        curves.append(history.history["val_accuracy"])
    for epoch, found in enumerate(zip(*curves, strict=True), 1):
        print(f"epoch {epoch}: {statistics.mean(found):.2%}", flush=True)


def measure(train, tested):
    """Prints each seed's test accuracy, and their mean."""
    found = []
    for seed in SEEDS:
        classifier = new_classifier(train, seed)
        batches = classifier.batches(train, 32, shuffle=True, seed=seed)
        # At its end Keras puts the average in the weights' place.
        classifier.model.fit(batches, epochs=EPOCHS, verbose=0)
        found.append(classifier.scores(tested)["accuracy"])
        weights = classifier.model.count_params()
        print(f"seed {seed}: {found[-1]:.2%}, {weights:,} weights", flush=True)
    print(f"mean {statistics.mean(found):.2%}, {min(found):.2%} to {max(found):.2%}")


def main(part, data):
    """Validates or tests."""
    texts = ks.data.LabelledText.from_csv(pathlib.Path(data) / "ag_news" / "test.csv.gz", (1, 2))
    train, tested = texts.split(1600 / 7600)
    if part == "validate":
        validate(train)
    else:
        measure(train, tested)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("validate", "test"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
