"""Sentences a second of a saved translator: Python, SavedModel and TFLite, in turns.

python benchmarks/decoding_speed.py runs/quickstart/translator [lines.txt]

Each way is warmed up once, then all ways take turns; the median of the rounds is printed, with
the ratio to greedy search in Python.
"""

import pathlib
import sys
import tempfile

from kerasseq import Translator
from kerasseq.export import LiteTranslator, SavedTranslator
from turns import in_turns, print_rates

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
    seconds = in_turns(ways, ROUNDS)
    print(
        f"{len(lines)} lines, median of {ROUNDS} rounds, "
        f"own search: {translator.search.get_config()}"
    )
    rates = {name: [len(lines) / each for each in values] for name, values in seconds.items()}
    print_rates(rates, "sentences/s")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
