"""One translator of several that went on from one another: their weights, averaged.

python benchmarks/soup.py SOURCE TARGET MODEL OTHER...

After Wortsman et al. 2022, "Model soups", on Multi30k. The soup is MODEL at first. Of each OTHER,
in order, 0, 1/4, 1/2, 3/4 or all is taken for as much of the soup, whatever the validation text
likes best (BLEU, the search of MODEL); test 2016 is read once. All are folders of translators with
the same tokenizers and layers.
"""

import sys

import sacrebleu

import kerasseq as ks
from machine import processor

SHARES = 0.0, 0.25, 0.5, 0.75, 1.0


def mixed(soup, other, share):
    """The mean of two lists of weights, of which the second has `share`."""
    return [(1 - share) * a + share * b for a, b in zip(soup, other, strict=True)]


def bleu(translator, weights, pairs):
    """BLEU of the pairs' tokenised text, with other weights."""
    translator.model.set_weights(weights)
    sources, references = map(list, zip(*pairs, strict=True))
    return sacrebleu.corpus_bleu(
        translator(sources), [references], tokenize="none", force=True
    ).score  # fmt: skip


def main(source, target, model, *others):
    """Prints what each share is worth."""
    corpus = ks.data.load("multi30k", source, target, tokenized=True)
    translator = ks.Translator.load(model)
    soup = translator.model.get_weights()
    print(f"{processor()}\n{model}", flush=True)
    for path in others:
        other, found = ks.Translator.load(path).model.get_weights(), {}
        for share in SHARES:
            found[share] = bleu(translator, mixed(soup, other, share), corpus.validation)
            print(f"  {share:.2f} of {path}: validation {found[share]:.2f}", flush=True)
        soup = mixed(soup, other, max(SHARES, key=found.get))
    print(f"  the soup: test 2016 {bleu(translator, soup, corpus.test):.2f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
