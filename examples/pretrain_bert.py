"""A small BERT from plain text alone: masks first, a classifier after.

python examples/pretrain_bert.py text.txt train.txt valid.txt out/

A line of train.txt and valid.txt is "label text". The same model from random weights stands
beside the pretrained one.
"""

import math
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


def pretrain(text, out, epochs):
    """Trains a MaskFiller on lines and shows what it expects."""
    lines = pathlib.Path(text).read_text(encoding="utf-8").splitlines()
    tokenizer = ks.text.WordPieceTokenizer.train(lines, VOCABULARY)
    train = ks.data.MaskedText(lines[1000:], tokenizer, LENGTH)
    valid = ks.data.MaskedText(lines[:1000], tokenizer, LENGTH)
    model = ks.models.MaskedLanguageModel(fresh_encoder(tokenizer))
    steps = epochs * math.ceil(len(train) / 64)
    rate = ks.training.LinearDecay(5e-4, steps, steps // 10)
    model.compile(
        keras.optimizers.AdamW(rate, 0.01, global_clipnorm=1.0),
        loss=ks.training.SequenceCrossentropy(),
        weighted_metrics=[ks.metrics.Perplexity()],
    )
    model.fit(
        train.batches(64, shuffle=True),
        validation_data=valid.batches(64),
        epochs=epochs,
        shuffle=False,
        verbose=2,
        callbacks=[keras.callbacks.CSVLogger(out / "pretraining.csv")],
    )
    filler = ks.tasks.MaskFiller(model, tokenizer, LENGTH)
    filler.save(out / "filler")
    for label in filler("A man is playing a [MASK] on the street.")[0]:
        print(f"a man is playing a … {label.text}: {label.score:.1%}")
    return filler


def fine_tune(encoder, tokenizer, train, valid, epochs=4):
    """Accuracy on the validation text after a few epochs."""
    labels = train.label_names()
    model = ks.models.SequenceClassifier(encoder, len(labels), "first", "tanh", dropout=0.1)
    classifier = ks.TextClassifier(model, tokenizer, labels, LENGTH)
    steps = epochs * math.ceil(len(train) / 32)
    model.compile(
        ks.training.fine_tuning_optimizer(model, steps, 2e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    batches = train.batches(classifier.ids, labels, 32, shuffle=True)
    model.fit(batches, epochs=epochs, shuffle=False, verbose=2)
    return classifier.scores(valid)["accuracy"]


def main(text, train, valid, out, epochs=5):
    """Pretrains, and fine-tunes with and without it."""
    keras.utils.set_random_seed(1)
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    train, valid = map(ks.data.LabelledText.from_lines, (train, valid))
    filler = pretrain(text, out, epochs)
    tokenizer = filler.tokenizer
    print(f"pretrained: {fine_tune(filler.model.encoder, tokenizer, train, valid):.1%}")
    print(
        f"from random weights: {fine_tune(fresh_encoder(tokenizer), tokenizer, train, valid):.1%}"
    )


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
