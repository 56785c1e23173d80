"""A small BERT from plain text alone: masks first, a classifier of few labels after.

python examples/pretrain_bert.py text.txt labelled.csv out/ [labels [epochs [seeds]]]

It fills gaps in text.txt, then in the texts of labelled.csv (rows of a label and two columns of
text, as AG News), then learns 600 labels from either. What stands in out/ is not made again.
"""

import pathlib
import sys

import keras

import kerasseq as ks

LENGTH, TEST = 64, 1600 / 7600  # tokens of a row; share of the labelled texts


def fresh_encoder(tokenizer, rate):
    """Four layers, 256 wide: 5 M weights, dropped at one rate everywhere."""
    rest = {"max_length": LENGTH, "separator_id": tokenizer.separator_id}
    return ks.models.BertEncoder(tokenizer.vocabulary_size, 256, 4, 4, 1024, rate, rate, **rest)


def pretrain(path, lines, epochs, batch_size, start=None):
    """A MaskFiller of lines, trained from `start` on; the last twentieth is for validation."""
    if path.exists():
        return ks.MaskFiller.load(path)
    keras.utils.set_random_seed(1)
    tokenizer = start.tokenizer if start else ks.text.WordPieceTokenizer.train(lines, 8000)
    cut = len(lines) - len(lines) // 20
    parts = (ks.data.MaskedText(each, tokenizer, LENGTH) for each in (lines[:cut], lines[cut:]))
    train, valid = next(parts).batches(batch_size, share=0.3, shuffle=True), next(parts).batches(64)
    model = ks.models.MaskedLanguageModel(fresh_encoder(tokenizer, 0.0))
    if start:
        model.set_weights(start.model.get_weights())
    else:
        ks.training.initialize_output_bias(model, train)
    rate = ks.training.LinearWarmupDecay(1e-3, epochs * len(train), epochs * len(train) // 10)
    adam = keras.optimizers.AdamW(rate, 0.01, global_clipnorm=1.0)
    loss = ks.training.SequenceCrossentropy()
    model.compile(adam, loss, weighted_metrics=[ks.metrics.Perplexity()])
    log = keras.callbacks.CSVLogger(f"{path}.csv")
    model.fit(train, epochs=epochs, validation_data=valid, shuffle=False, callbacks=[log])
    ks.MaskFiller(model, tokenizer, LENGTH).save(path)
    return ks.MaskFiller.load(path)


def fine_tune(filler, tokenizer, train, test, seed):
    """Test accuracy after eight epochs from a filler's encoder, or from random weights."""
    keras.utils.set_random_seed(seed)
    encoder, labels = fresh_encoder(tokenizer, 0.1), train.label_names()
    if filler:
        encoder.set_weights(filler.model.encoder.get_weights())
    model = ks.models.SequenceClassifier(encoder, len(labels), "mean", "tanh", dropout=0.1)
    classifier = ks.TextClassifier(model, tokenizer, labels, LENGTH)
    classifier.fit(train, epochs=8, learning_rate=5e-4, seed=seed, verbose=0)
    return classifier.scores(test)["accuracy"]


def main(text, labelled, out, labels=600, epochs=20, seeds=3):
    """Pretrains twice, and fine-tunes from nothing and from either, several seeds each."""
    (out := pathlib.Path(out)).mkdir(parents=True, exist_ok=True)
    lines = pathlib.Path(text).read_text(encoding="utf-8").strip("\n").split("\n")
    rows = list(ks.data.LabelledText.from_csv(labelled, (1, 2)))
    cut = round(len(rows) * (1 - TEST))
    train, test = (ks.data.LabelledText(*zip(*p, strict=True)) for p in (rows[:cut], rows[cut:]))
    general = pretrain(out / "general", lines, int(epochs), 64)
    own = pretrain(out / "own", list(train.texts()), (int(epochs) + 1) // 2, 32, general)
    few = train.take(int(labels))
    for name, start in ("nothing", None), ("text", general), ("text and its own texts", own):
        got = [fine_tune(start, own.tokenizer, few, test, 1 + i) for i in range(int(seeds))]
        print(f"from {name}: accuracy {sum(got) / len(got):.1%}, {min(got):.1%} to {max(got):.1%}")


if __name__ == "__main__":
    if len(sys.argv) not in range(4, 8):
        sys.exit(__doc__)
    main(*sys.argv[1:])
