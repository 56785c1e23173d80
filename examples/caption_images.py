"""Images to captions: a convolutional encoder and an LSTM that looks where it writes.

KERASSEQ_DATA=folder python examples/caption_images.py out/ [en|de|fr] [no-attention]
"""

import pathlib
import sys

import keras

import kerasseq as ks

SIZE = (64, 64)


def main(out, language="en", attention="bahdanau"):
    """Trains a captioner on emoji, measures it on unseen ones, draws and exports it."""
    keras.utils.set_random_seed(1)
    out = pathlib.Path(out)
    emoji = ks.data.emoji(language)
    tokenizer = ks.text.WordTokenizer.train(
        emoji.train.captions(), split="punctuation", lowercase=True
    )
    options = {"tokenizer": tokenizer, "batch_size": 64, "image_size": SIZE}
    train = emoji.train.batches(shuffle=True, augment=True, **options)
    validation = emoji.validation.batches(**options)

    model = ks.models.ImageCaptioner(
        tokenizer.vocabulary_size,
        SIZE,
        attention=None if attention == "no-attention" else attention,
    )
    model.compile(
        keras.optimizers.Adam(1e-3, global_clipnorm=1.0),
        loss=ks.training.SequenceCrossentropy(label_smoothing=0.1),
        weighted_metrics=[ks.metrics.Perplexity(), ks.metrics.TokenAccuracy()],
    )
    best = keras.callbacks.ModelCheckpoint(
        out / "best.weights.h5",
        monitor="val_perplexity",
        mode="min",
        save_best_only=True,
        save_weights_only=True,
    )
    model.fit(train, validation_data=validation, epochs=40, callbacks=[best], verbose=2)
    model.load_weights(out / "best.weights.h5")

    captioner = ks.Captioner(model, tokenizer, search="beam")
    captioner.save(out / "captioner")
    images, references = map(list, zip(*emoji.test, strict=True))
    captions = captioner(images)
    scores = ks.metrics.corpus_scores(captions, references, lowercase=True)
    print(f"{len(images)} unseen: BLEU-4 {scores['bleu']:.1f}, exact {scores['exact_match']:.1%}")
    for image, caption, reference in list(zip(images, captions, references, strict=True))[:20]:
        print(f"{pathlib.Path(image).stem}: {caption} ({reference})")
    if model.attends:
        captioner.plot_attention(images[0], out / "attention.png")
    captioner.export(out / "serving" / "1", images[:100])
    captioner.export(out / "captioner.tflite", images[:100], quantize="int8")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
