"""From two text files to a translator, its attention map and its exports.

python examples/translate_your_files.py train.de train.en valid.de valid.en out/ [epochs] [pieces]

PIECES is the size of the vocabulary, 4,000 unless told: fewer for a small text.
"""

import pathlib
import sys

import keras

import kerasseq as ks


def main(train_source, train_target, valid_source, valid_target, out, epochs=20, pieces=4000):
    """Trains a small Transformer on two line-aligned files."""
    keras.utils.set_random_seed(1)
    train = ks.data.ParallelText.from_files(train_source, train_target)
    valid = ks.data.ParallelText.from_files(valid_source, valid_target)
    source, target = ks.text.SentencePieceTokenizer.train_pair(train, vocabulary_size=int(pieces))
    batches = train.batches(source, target, tokens_per_batch=2048, shuffle=True, cache=True)
    print(ks.data.describe_batches(batches))

    model = ks.models.Transformer(
        source.vocabulary_size,
        target.vocabulary_size,
        hidden_dim=128,
        num_layers=4,
        num_heads=4,
        feed_forward_dim=256,
        dropout=0.3,
    )
    model.compile(
        keras.optimizers.Adam(
            ks.training.InverseSquareRoot(3.5e-3, 1000), beta_2=0.98, global_clipnorm=1.0
        ),
        loss=ks.training.SequenceCrossentropy(label_smoothing=0.1),
        weighted_metrics=[ks.metrics.Perplexity(), ks.metrics.TokenAccuracy()],
    )
    held_out = list(valid.take(100).sources())
    translator = ks.Translator(model, source, target, search="beam", examples=held_out)
    model.fit(
        batches,
        validation_data=valid.batches(source, target, tokens_per_batch=2048),
        epochs=int(epochs),
        callbacks=[
            ks.training.RaiseOnNonFiniteLoss(),
            ks.training.TranslationMetrics(translator, valid.take(200), every=5),
            ks.training.CheckpointAverage(pathlib.Path(out) / "epochs", last=5),
        ],
    )
    translator.save(out)
    translator.plot_attention(held_out[0], pathlib.Path(out) / "attention.png")
    print(translator.export(pathlib.Path(out) / "serving" / "1"))
    print(translator.export(pathlib.Path(out) / "model.tflite", quantize="int8"))


if __name__ == "__main__":
    if len(sys.argv) not in (6, 7, 8):
        sys.exit(__doc__)
    main(*sys.argv[1:])
