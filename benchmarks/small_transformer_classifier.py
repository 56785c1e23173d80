"""A Transformer block from scratch on AG News: 6,000 texts to learn from, 1,600 to test.

python benchmarks/small_transformer_classifier.py DATA

The model that many first lessons build: 20,000 words, 32 wide, one block of two heads, mean
pooling. DATA is the folder that holds ag_news/. Three seeds; the epoch is chosen on the last
tenth of the 6,000.
"""

import pathlib
import statistics
import sys

import keras

import kerasseq as ks


def accuracy(train, valid, test, seed):
    """Test accuracy of one training."""
    keras.utils.set_random_seed(seed)
    tokenizer = ks.text.WordTokenizer.train(
        train.texts(), vocabulary_size=20_000, lowercase=True, split="punctuation"
    )
    encoder = ks.models.BertEncoder(
        20_000, 32, 1, 2, 32, dropout=0.1, activation="relu", epsilon=1e-6, max_length=256
    )
    model = ks.models.SequenceClassifier(encoder, 4, "mean", "relu", dropout=0.1)
    classifier = ks.TextClassifier(model, tokenizer, train.label_names(), max_length=256)
    model.compile(
        keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    best = keras.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)
    batches = classifier.batches(train, 32, shuffle=True, seed=seed)
    held_out = classifier.batches(valid, 128)
    model.fit(batches, validation_data=held_out, epochs=12, callbacks=[best], verbose=0)
    found = classifier.scores(test)["accuracy"]
    print(f"seed {seed}: {found:.2%}, {model.count_params():,} weights", flush=True)
    return found


def main(data):
    """Prints the mean over seeds."""
    texts = ks.data.LabelledText.from_csv(pathlib.Path(data) / "ag_news" / "test.csv.gz", (1, 2))
    train, test = texts.split(1600 / 7600)
    train, valid = train.split(0.1)
    found = [accuracy(train, valid, test, seed) for seed in (1, 2, 3)]
    print(f"mean {statistics.mean(found):.2%}, {min(found):.2%} to {max(found):.2%}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
