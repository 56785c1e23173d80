"""How well attention aligns words: raw, and guided by alignments.

    python benchmarks/alignment.py numbers
    KERASSEQ_DATA=DATA python benchmarks/alignment.py multi30k

Two small Transformers learn the same pairs from one seed, one of them with `with_alignments`. Both
then read kept-aside pairs with teacher forcing; each target word is linked to the source word that
it attends to most, and the links are held against known ones by alignment error rate.

`numbers` are English number words and their German in its parts, "ein und fünfzig", whose links
follow from how the words are made. `multi30k` is German to English, tokenised; its known links are
eflomal's, a machine's, of 10,000 training pairs and the test text together: the error says how far
attention is from eflomal, and not how far from people.
"""

import argparse
import itertools
import time

import keras
import numpy as np

import kerasseq as ks
from kerasseq.data import numbers
from kerasseq.data.word_alignments import WordAlignments
from kerasseq.metrics import Perplexity, alignment_error_rate
from kerasseq.processing.aligned_units import between_units, unit_of_tokens
from kerasseq.processing.padding import pad
from kerasseq.processing.token_links import WORD
from kerasseq.processing.word_links import write_links
from kerasseq.training import LinearWarmup, SequenceCrossentropy
from machine import processor

SEED = 1
SIZES = {
    "numbers": {"hidden_dim": 64, "num_layers": 3, "num_heads": 4, "feed_forward_dim": 128},
    "multi30k": {"hidden_dim": 64, "num_layers": 3, "num_heads": 4, "feed_forward_dim": 128},
}


def below_thousand(number):
    """The German parts of `0 … 999`, and the English word of each: its place, from 0, or those that
    it may belong to."""
    parts, links = [], []
    hundreds, rest = divmod(number, 100)
    if hundreds:
        parts, links = [numbers.GERMAN_ONES[hundreds], "hundert"], [0, 1]
    here = len(links)
    if rest >= 20 and rest % 10:
        parts += [numbers.GERMAN_ONES[rest % 10], "und", numbers.GERMAN_TENS[rest // 10]]
        links += [here + 1, (here, here + 1), here]
    elif rest >= 20:
        parts, links = [*parts, numbers.GERMAN_TENS[rest // 10]], [*links, here]
    elif rest or not hundreds:
        parts, links = [*parts, numbers.GERMAN_ONES[rest]], [*links, here]
    return parts, links


def number_and_links(number):
    """A number in English and in German parts, with its sure and possible links in one str."""
    parts, links = [], []
    thousands, rest = divmod(number, 1000)
    if thousands:
        parts, links = below_thousand(thousands)
        place = len(numbers.english(thousands).split())
        parts, links = [*parts, "tausend"], [*links, place]
    if rest or not thousands:
        before = place + 1 if thousands else 0
        more, further = below_thousand(rest)
        moved = [
            tuple(before + i for i in each) if isinstance(each, tuple) else before + each
            for each in further
        ]
        parts, links = parts + more, links + moved
    if number % 100 == 1:  # a final one is inflected
        parts, links = [*parts, "s"], [*links, (links[-1],)]
    marked = [
        f"{i}{'?' if isinstance(each, tuple) else '-'}{target}"
        for target, each in enumerate(links)
        for i in (each if isinstance(each, tuple) else (each,))
    ]
    return numbers.english(number), " ".join(parts), " ".join(marked)


def number_corpus():
    """Training pairs with their sure links, and kept-aside pairs with all."""
    drawn = np.random.default_rng(SEED).permutation(100_000)[:9_000].tolist()
    rows = [number_and_links(number) for number in drawn]
    sure = [" ".join(each for each in gold.split() if "-" in each) for *_, gold in rows]
    pairs = [(english, german) for english, german, _ in rows]
    train = ks.data.ParallelText.from_pairs(pairs[:8_000])
    tokenizers = (
        ks.text.WordTokenizer.train(train.sources()),
        ks.text.WordTokenizer.train(train.targets()),
    )
    return train, sure[:8_000], pairs[8_000:], [gold for *_, gold in rows[8_000:]], tokenizers


def captions():
    """Multi30k's training pairs and its test text, with eflomal's links of both."""
    found = ks.data.load("multi30k", "de", "en", tokenized=True)
    train, test = found.train.take(10_000), list(found.test)
    lines = list(ks.data.align([*train, *test]).lines())
    both = itertools.chain.from_iterable(train)
    joint = ks.text.SentencePieceTokenizer.train(both, 2_000)
    return train, lines[: len(train)], test, lines[len(train) :], (joint, joint)


def trained(name, train, tokenizers, epochs):
    """A Transformer that learned a corpus, whatever it holds."""
    keras.utils.set_random_seed(SEED)
    sizes = [each.vocabulary_size for each in tokenizers]
    model = ks.models.Transformer(
        *sizes, **SIZES[name], norm_first=True, alignment_layer=-2, alignment_heads=1
    )
    model.compile(
        keras.optimizers.Adam(LinearWarmup(2e-3, 200), beta_2=0.98),
        SequenceCrossentropy(0.1),
        weighted_metrics=[Perplexity()],
    )
    batches = train.batches(*tokenizers, tokens_per_batch=1024, shuffle=True, seed=SEED, cache=True)
    started = time.perf_counter()
    model.fit(batches, epochs=epochs, verbose=2, shuffle=False)
    return model, time.perf_counter() - started


def attended(model, pairs, tokenizers):
    """The links of every pair by the mean of each layer's heads, and by the returned attention."""
    found = {f"layer {n}": [] for n in range(1, len(model.decoder_blocks) + 1)} | {"returned": []}
    layer, heads = (model.config[f"alignment_{each}"] for each in ("layer", "heads"))
    source, target = tokenizers
    for some in (pairs[n : n + 100] for n in range(0, len(pairs), 100)):
        ids = (
            pad([[*source.encode(pair[0]), source.end_id] for pair in some]),
            pad([[target.start_id, *target.encode(pair[1])] for pair in some]),
        )
        every = keras.ops.convert_to_numpy(model.attention(*ids))  # (B, N, H, T, S)
        for pair, weights in zip(some, every[: len(some)], strict=True):
            spans = [[word.span() for word in WORD.finditer(text)] for text in pair]
            columns, rows = (
                unit_of_tokens(text, units, tokenizer.tokens(text))
                for text, units, tokenizer in zip(pair, spans, tokenizers, strict=True)
            )
            looks = [*weights.mean(1), weights[layer, :heads].mean(0)]
            for links, look in zip(found.values(), looks, strict=True):
                between = between_units(look, rows, columns, len(spans[1]), len(spans[0]))
                links.append(write_links((int(s), t) for t, s in enumerate(between.argmax(1))))
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("text", choices=list(SIZES))
    arguments.add_argument("--epochs", type=int, default=10)
    arguments.add_argument("--weight", type=float, default=0.05)
    given = arguments.parse_args()
    train, links, test, gold, tokenizers = (
        number_corpus() if given.text == "numbers" else captions()
    )
    WordAlignments.from_lines(links).check(train)
    print(f"{processor()}, seed {SEED}; {len(train)} pairs, {len(test)} kept aside")
    held_out = ks.data.ParallelText.from_pairs(test)
    held_out = held_out.batches(*tokenizers, tokens_per_batch=2048, cache=True)
    guided = train.with_alignments(links, given.weight)
    for name, corpus in (("raw", train), ("guided", guided)):
        model, seconds = trained(given.text, corpus, tokenizers, given.epochs)
        _, perplexity = model.evaluate(held_out, verbose=0)
        print(f"{name}: trained in {seconds:.0f} s, perplexity {perplexity:.3f}", flush=True)
        for place, found in attended(model, test, tokenizers).items():
            error = alignment_error_rate(found, gold)
            print(f"{name}, {place}: alignment error {100 * error:.1f} %", flush=True)


if __name__ == "__main__":
    main()
