"""Sentences a second of a saved translator: Python, SavedModel and TFLite, in turns.

python benchmarks/decoding_speed.py runs/quickstart/translator [lines.txt]

Each way is warmed up once, then all ways take turns; the median of the rounds is printed, with
the ratio to greedy search in Python.
"""

import itertools
import pathlib
import statistics
import sys
import tempfile
import time

from kerasseq import Translator
from kerasseq.export import LiteTranslator, SavedTranslator

ROUNDS = 5


def main(model, lines=None):
    """Prints the table."""
    translator = Translator.load(model)
    if lines is None:
        lines = translator.examples
    else:
        lines = pathlib.Path(lines).read_text(encoding="utf-8").splitlines()[:256]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        translator.export(folder / "saved", lines)
        for quantize in (None, "int8"):
            translator.export(folder / f"{quantize}.tflite", lines, quantize=quantize)
        lite = {name: LiteTranslator(folder / f"{name}.tflite") for name in ("None", "int8")}
        saved = SavedTranslator(folder / "saved")
    ways = {
        "Python, greedy, batches of 64": lambda: list(translator.translate(lines, "greedy")),
        "Python, own search, batches of 64": lambda: list(translator.translate(lines)),
        "SavedModel, own search, batches of 64": lambda: saved(lines),
        "TFLite float32, own search, 1 thread": lambda: lite["None"](lines),
        "TFLite int8, own search, 1 thread": lambda: lite["int8"](lines),
    }
    seconds = {name: [] for name in ways}
    for round_, (name, way) in itertools.product(range(ROUNDS + 1), ways.items()):
        started = time.perf_counter()
        way()
        if round_:
            seconds[name].append(time.perf_counter() - started)
    medians = {name: len(lines) / statistics.median(values) for name, values in seconds.items()}
    base = next(iter(medians.values()))
    print(
        f"{len(lines)} lines, median of {ROUNDS} rounds, "
        f"own search: {translator.search.get_config()}"
    )
    for name, rate in medians.items():
        print(f"{name:40} {rate:8.0f} sentences/s   ×{rate / base:.2f}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
