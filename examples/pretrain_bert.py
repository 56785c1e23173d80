"""A small BERT from plain text alone: masks first, a classifier after.

python examples/pretrain_bert.py text.txt train.txt valid.txt out/ [epochs]

A line of train.txt and valid.txt is "label text". The same model from random weights stands
beside the pretrained one.
"""

import pathlib
import sys

import keras

import kerasseq as ks

VOCABULARY, LENGTH = 8000, 64


def fresh_encoder(tokenizer):
    """Four layers, 256 wide: 5 M weights."""
    return ks.models.BertEncoder(
        tokenizer.vocabulary_size, 256, 4, 4, max_length=LENGTH, separator_id=tokenizer.separator_id
    )


def pretrain(lines, out, epochs):
    """Trains a MaskFiller on lines; the last twentieth is for validation."""
    tokenizer = ks.text.WordPieceTokenizer.train(lines, VOCABULARY)
    cut = len(lines) - len(lines) // 20
    train = ks.data.MaskedText(lines[:cut], tokenizer, LENGTH)
    valid = ks.data.MaskedText(lines[cut:], tokenizer, LENGTH)
    model = ks.models.MaskedLanguageModel(fresh_encoder(tokenizer))
    batches = train.batches(64, shuffle=True)
    ks.training.start_at_frequencies(model, batches)
    steps = epochs * len(batches)
    rate = ks.training.LinearDecay(5e-4, steps, steps // 10)
    model.compile(
        keras.optimizers.AdamW(rate, 0.01, global_clipnorm=1.0),
        loss=ks.training.SequenceCrossentropy(),
        weighted_metrics=[ks.metrics.Perplexity()],
    )
    log = keras.callbacks.CSVLogger(out / "pretraining.csv")
    model.fit(batches, validation_data=valid.batches(64), epochs=epochs, callbacks=[log], verbose=2)
    return ks.tasks.MaskFiller(model, tokenizer, LENGTH)


def fine_tune(encoder, tokenizer, train, valid, epochs=4):
    """Accuracy on the validation text after a few epochs."""
    labels = train.label_names()
    model = ks.models.SequenceClassifier(encoder, len(labels), "first", "tanh", dropout=0.1)
    classifier = ks.TextClassifier(model, tokenizer, labels, LENGTH)
    classifier.fit(train, epochs, 32, learning_rate=2e-4, verbose=2)
    return classifier.scores(valid)["accuracy"]


def main(text, train, valid, out, epochs=20):
    """Pretrains, and fine-tunes with and without it."""
    keras.utils.set_random_seed(1)
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    train, valid = map(ks.data.LabelledText.from_lines, (train, valid))
    filler = pretrain(pathlib.Path(text).read_text(encoding="utf-8").splitlines(), out, int(epochs))
    filler.save(out / "filler")
    for label in filler("A man is playing a [MASK] on the street.")[0]:
        print(f"a man is playing a … {label.text}: {label.score:.1%}")
    tokenizer = filler.tokenizer
    for name, encoder in ("pretrained", filler.model.encoder), ("new", fresh_encoder(tokenizer)):
        print(f"{name} encoder: accuracy {fine_tune(encoder, tokenizer, train, valid):.1%}")


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
