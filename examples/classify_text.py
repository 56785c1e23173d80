"""Sentiment, or any label a text: an LSTM from lines of "label text" to a phone.

python examples/classify_text.py train.txt valid.txt test.txt out/

The sentence polarity data (Pang and Lee 2005) as such lines, a tenth to each held-out part:
{ sed 's/^/1 /' rt-polarity.pos; sed 's/^/0 /' rt-polarity.neg; } |
  awk '{print > (NR % 10 == 0 ? "test.txt" : NR % 10 == 5 ? "valid.txt" : "train.txt")}'
"""

import pathlib
import sys

import keras

import kerasseq as ks


def main(train, valid, test, out):
    """Trains a bidirectional LSTM with max pooling, measures and exports it."""
    keras.utils.set_random_seed(1)
    out = pathlib.Path(out)
    train, valid, test = map(ks.data.LabelledText.from_lines, (train, valid, test))
    tokenizer = ks.text.WordTokenizer.train(train.texts(), min_frequency=2, lowercase=True)
    labels = train.label_names()
    encoder = ks.models.RecurrentTextEncoder(
        tokenizer.vocabulary_size, embedding_dim=128, hidden_dim=128, dropout=0.5
    )
    model = ks.models.SequenceClassifier(encoder, len(labels), pooling="max", dropout=0.5)
    held_out = list(valid.take(200).texts())
    classifier = ks.TextClassifier(model, tokenizer, labels, 64, examples=held_out)
    model.compile(
        keras.optimizers.Adam(1e-3, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    best = keras.callbacks.ModelCheckpoint(
        out / "best.weights.h5", "val_accuracy", save_best_only=True, save_weights_only=True
    )
    model.fit(
        classifier.batches(train, batch_size=50, shuffle=True),
        validation_data=classifier.batches(valid, batch_size=50),
        epochs=10,
        callbacks=[best],
        verbose=2,
    )
    model.load_weights(out / "best.weights.h5")
    print(f"test accuracy: {classifier.scores(test)['accuracy']:.1%} of {len(test)} texts")
    classifier.save(out / "classifier")
    classifier.export(out / "serving" / "1")
    classifier.export(out / "classifier.tflite", quantize="int8")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
