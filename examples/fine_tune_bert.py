"""A pretrained BERT to a classifier on a phone.

python examples/fine_tune_bert.py folder train.txt valid.txt test.txt out/

The folder is a BERT or DistilBERT in Hugging Face's layout, or a name on its hub; a line of text
is "label text".
"""

import pathlib
import sys

import keras

import kerasseq as ks


def main(folder, train, valid, test, out, learning_rate=1e-4, seed=1):
    """Fine-tunes, measures and exports."""
    keras.utils.set_random_seed(seed)
    out = pathlib.Path(out)
    train, valid, test = map(ks.data.LabelledText.from_lines, (train, valid, test))
    labels = train.label_names()
    classifier = ks.TextClassifier.from_hugging_face(folder, labels, max_length=64, head="new")
    classifier.examples = list(valid.take(200).texts())
    classifier.fit(train, learning_rate=learning_rate, validation=valid, seed=seed, verbose=2)
    print(f"test accuracy: {classifier.scores(test)['accuracy']:.1%} of {len(test)} texts")
    classifier.save(out / "classifier")
    classifier.export(out / "serving" / "1")
    classifier.export(out / "classifier.tflite", quantize="int8")
    lite = ks.export.LiteClassifier(out / "classifier.tflite")(list(test.texts()))
    right = ks.metrics.label_scores(lite, list(test.labels()))
    print(f"test accuracy of the int8 file: {right['accuracy']:.1%}")


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
