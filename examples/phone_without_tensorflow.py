"""What a phone runs: an exported .tflite file, through ai-edge-litert, without TensorFlow.

python examples/phone_without_tensorflow.py runs/quickstart/int8.tflite "fifty one"
"""

import sys

from kerasseq.export import LiteTranslator


def main(path, *lines):
    """Translates the lines on one thread."""
    for line, (best, *_) in zip(lines, LiteTranslator(path).answers(lines), strict=True):
        print(f"{line}  →  {best.text}  ({best.score:.3f})")
    assert "tensorflow" not in sys.modules


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
