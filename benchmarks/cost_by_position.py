"""What one more token costs an exported translator, early and late in a translation.

python benchmarks/cost_by_position.py saved_models/numbers_en_de

The `.tflite` file's decode_step runs at positions from the first to the last, in turns; printed
is the median of 300 calls at each. A cost that grows with the position would show here.
"""

import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np

from kerasseq import Translator
from kerasseq.export import LiteTranslator

TURNS = 300


def main(model):
    """Prints the table."""
    translator = Translator.load(model)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.tflite"
        translator.export(path)
        lite = LiteTranslator(path)
    encode = lite.interpreter.get_signature_runner("encode")
    step = lite.interpreter.get_signature_runner("decode_step")
    leaves = encode(source=lite.source_ids(translator.examples[0]))
    last = translator.max_length - 1
    positions = sorted({0, last // 4, last // 2, 3 * last // 4, last})
    seconds = {position: [] for position in positions}
    token = np.array([5], "int32")
    for _ in range(TURNS):
        for position in positions:
            started = time.perf_counter()
            step(token=token, step=np.array(position, "int32"), **leaves)
            seconds[position].append(time.perf_counter() - started)
    first = statistics.median(seconds[0])
    for position, values in seconds.items():
        median = statistics.median(values)
        print(f"position {position + 1:3}: {1e3 * median:.3f} ms a token   ×{median / first:.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
