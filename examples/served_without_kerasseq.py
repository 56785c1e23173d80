"""What a server sees: an exported SavedModel, run with tensorflow and tensorflow_text alone.

python examples/served_without_kerasseq.py runs/quickstart/serving/1 "fifty one" "two thousand"
"""

import sys

import tensorflow as tf
import tensorflow_text  # noqa: F401  registers SentencePiece's operations


def main(folder, *lines):
    """Translates the lines with the default signature, then shows the n best of the first."""
    signatures = tf.saved_model.load(folder).signatures
    found = signatures["serving_default"](text=tf.constant(lines))
    rows = zip(lines, found["translation"].numpy(), found["score"].numpy(), strict=True)
    for line, translation, score in rows:
        print(f"{line}  →  {translation.decode()}  ({score:.3f})")
    best = signatures["n_best"](text=tf.constant(lines[:1]))
    for translation, score in zip(*(best[k][0].numpy() for k in ("translations", "scores"))):  # noqa: B905
        if score > -1e8:  # below, an empty place: fewer translations differ
            print(f"  {score:.3f}  {translation.decode()}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
