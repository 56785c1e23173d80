"""Sentences a second of one Transformer in Python, in its SavedModel and in CTranslate2, in turns.

python benchmarks/translators_compared.py [max_length [rounds [vocabulary [source]]]]

The model has the tutorial's sizes (width 256, 3 + 3 blocks, feed-forward 512, 8,000 tokens or
`vocabulary`) and random weights; a source has 8 to 15 tokens, or `source`. An output bias ends
every translation at the 14th token. All ways run in this process, on one thread, and take turns on
the same lines; printed are medians and their ratio to CTranslate2 in float32. Text goes in and
comes out.
"""

import os

os.environ |= {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}

import functools
import itertools
import pathlib
import sys
import tempfile

import ctranslate2
import keras
import numpy as np

from kerasseq import Translator
from kerasseq.decoding import Beam, Greedy
from kerasseq.export import SavedTranslator
from kerasseq.models import Transformer
from kerasseq.text import WordTokenizer
from machine import processor
from turns import in_turns, print_rates

VOCABULARY, LINES, TOKENS = 8000, 64, 14
SYMBOLS = ["<pad>", "<unk>", "<s>", "</s>"]
PEER = "CTranslate2 float32"
END = SYMBOLS.index("</s>")
SEARCHES = {"greedy": Greedy(min_length=TOKENS - 1), "beam 4": Beam(4, min_length=TOKENS - 1)}


def make_translator(words, max_length, num_layers=3, num_decoder_layers=3):
    """A translator of random weights that ends each translation as soon as it may."""
    keras.utils.set_random_seed(1)
    tokenizer = WordTokenizer(SYMBOLS + words)
    size = len(SYMBOLS) + len(words)
    model = Transformer(
        size, size, hidden_dim=256, num_layers=num_layers,
        num_decoder_layers=num_decoder_layers, num_heads=8, feed_forward_dim=512,
        tie_embeddings=True, output_bias=True,
    )  # fmt: skip
    bias = np.zeros(size, "float32")
    bias[END] = 12
    model.output_bias.assign(bias)
    return Translator(model, tokenizer, tokenizer, Greedy(), max_length=max_length)


def ways_of(translator, name, folder, batch_size):
    """The ways to translate lines with one search, by name: functions of a list of str."""
    search = SEARCHES[name]
    engine = ctranslate2.Translator(str(folder / "engine"), intra_threads=1)
    saved = SavedTranslator(folder / name)
    beams = getattr(search, "beam_size", 1)

    def batches(lines):
        return [lines[i : i + batch_size] for i in range(0, len(lines), batch_size)]

    def peer(lines):
        for batch in batches(lines):
            read = [translator.source.tokens(line) for line in batch]
            found = engine.translate_batch(
                read,
                beam_size=beams,
                min_decoding_length=TOKENS - 1,
                max_decoding_length=translator.max_length,
                max_batch_size=batch_size,
            )
            for each in found:
                translator.target.join(each.hypotheses[0])

    return {
        PEER: peer,
        "Python": lambda lines: list(translator.translate(lines, search, batch_size=batch_size)),
        "SavedModel": lambda lines: [saved(batch) for batch in batches(lines)],
    }


def words_and_lines(vocabulary=VOCABULARY, source=None):
    """The words of a vocabulary, and lines of 8 to 15 of them, or of `source`."""
    words = [f"w{i}" for i in range(vocabulary - len(SYMBOLS))]
    numbers = np.random.default_rng(0)
    sizes = [source] * LINES if source else numbers.integers(8, 16, LINES)
    return words, [" ".join(numbers.choice(words, n)) for n in sizes]


def main(max_length=100, rounds=7, vocabulary=VOCABULARY, source=None):
    """Prints the table."""
    words, lines = words_and_lines(vocabulary, source)
    translator = make_translator(words, max_length)
    if source:
        translator.processor = translator.processor.replace(max_source_length=source + 2)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        translator.save_ctranslate2(folder / "engine")
        for name, search in SEARCHES.items():
            translator.search = search
            translator.export(folder / name, lines[:2])
        ways, counts, peers = {}, {}, {}
        for batch_size, name in itertools.product((1, 32), SEARCHES):
            count = LINES if batch_size > 1 else LINES // 8
            for way, function in ways_of(translator, name, folder, batch_size).items():
                key = f"{name}, batch {batch_size:2}: {way}"
                ways[key] = functools.partial(function, lines[:count])
                counts[key], peers[key] = count, f"{name}, batch {batch_size:2}: {PEER}"
        seconds = in_turns(ways, rounds)
    print(
        f"{processor()}, one thread, max_length {max_length}, {vocabulary} tokens, "
        f"sources of {source or '8 to 15'}, median (spread) of {rounds} turns"
    )
    rates = {key: [counts[key] / each for each in values] for key, values in seconds.items()}
    print_rates(rates, "sentences/s", peers)


if __name__ == "__main__":
    if len(sys.argv) > 5:
        sys.exit(__doc__)
    main(*map(int, sys.argv[1:]))
