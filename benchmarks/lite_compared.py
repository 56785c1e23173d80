"""Sentences a second of one Transformer as a `.tflite` file and in CTranslate2, a line at a time.

python benchmarks/lite_compared.py [max_length [rounds]]

The model of `translators_compared.py`; its files read 24 tokens of a source. "one loop" is the same
file without the stages of `kerasseq.stages`. All ways take turns on the same lines, in one process
on one thread; printed are medians and their ratio to CTranslate2 with int8 weights.
"""

import functools
import pathlib
import sys
import tempfile

import ctranslate2

# This sets the threads, so it comes first.
from translators_compared import LINES, SEARCHES, TOKENS, make_translator, words_and_lines  # isort: skip

from kerasseq import stages
from kerasseq.export import LiteTranslator
from kerasseq.export.tflite import write_tflite
from machine import processor
from turns import in_turns, print_rates

READ = 24  # tokens of a source


def engine(translator, folder, search, compute_type):
    """A function that translates lines by CTranslate2, with float32 or int8 weights."""
    peer = ctranslate2.Translator(str(folder), intra_threads=1, compute_type=compute_type)
    beams = getattr(search, "beam_size", 1)

    def translate(lines):
        for line in lines:
            (found,) = peer.translate_batch(
                [translator.source.tokens(line)],
                beam_size=beams,
                min_decoding_length=TOKENS - 1,
                max_decoding_length=translator.max_length,
            )
            translator.target.join(found.hypotheses[0])

    return translate


def lite(translator, path, quantize, few):
    """A function that translates lines by a `.tflite` file, whose first stage has `few` steps.

    The file is not compared with Python, as an export is: random weights rank by less than int8
    keeps.
    """
    before, stages.FEW = stages.FEW, few
    write_tflite(translator, path, quantize)
    stages.FEW = before
    opened = LiteTranslator(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", flush=True)
    return lambda lines: [opened(line) for line in lines]


def main(max_length, rounds):
    """Prints the table."""
    words, lines = words_and_lines()
    lines = lines[: LINES // 4]
    translator, ways = make_translator(words, max_length), {}
    translator.processor = translator.processor.replace(max_source_length=READ)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        translator.save_ctranslate2(folder / "engine")
        for name, search in SEARCHES.items():
            translator.search = search
            for kind in ("int8", "float32"):
                ways[f"{name}: CTranslate2 {kind}"] = engine(
                    translator, folder / "engine", search, kind
                )
                for way, few in (("", stages.FEW), (", one loop", max_length)):
                    path = folder / f"{name} {kind}{way}.tflite"
                    quantize = "int8" if kind == "int8" else None
                    ways[f"{name}: .tflite {kind}{way}"] = lite(translator, path, quantize, few)
        peers = {key: f"{key.partition(':')[0]}: CTranslate2 int8" for key in ways}
        read = {key: functools.partial(way, lines) for key, way in ways.items()}
        seconds = in_turns(read, rounds)
    print(f"{processor()}, one thread, max_length {max_length}, median (spread) of {rounds} turns")
    rates = {key: [len(lines) / each for each in values] for key, values in seconds.items()}
    print_rates(rates, "sentences/s", peers)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit(__doc__)
    main(int((sys.argv[1:] or [100])[0]), int((sys.argv[2:] or [7])[0]))
