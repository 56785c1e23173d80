"""One translator of several that went on from one another: their weights, averaged.

python benchmarks/soup.py SOURCE TARGET FOLDER MODEL OTHER...

After Wortsman et al. 2022, "Model soups", on Multi30k. The soup is MODEL at first. Of each OTHER,
in order, 0, 1/4, 1/2, 3/4 or all is taken for as much of the soup, whatever the validation text
likes best (BLEU, the search of MODEL); test 2016 is read once, and the soup saved in FOLDER.
"""

import sys

import sacrebleu

import kerasseq as ks
from kerasseq.tasks import average
from machine import processor

SHARES = 0.0, 0.25, 0.5, 0.75, 1.0


def mixed(soup, other, share):
    """A soup of which another translator has `share`."""
    return average([soup, other], [1 - share, share])


def bleu(taster, soup, pairs):
    """BLEU of the pairs' tokenised text, by one translator for all soups, traced once."""
    taster.model.set_weights(soup.model.get_weights())
    sources, references = map(list, zip(*pairs, strict=True))
    return sacrebleu.corpus_bleu(
        taster(sources), [references], tokenize="none", force=True
    ).score  # fmt: skip


def main(source, target, folder, model, *others):
    """Prints what each share is worth, and saves the best."""
    corpus = ks.data.load("multi30k", source, target, tokenized=True)
    soup, taster = ks.Translator.load(model), ks.Translator.load(model)
    print(f"{processor()}\n{model}", flush=True)
    for path in others:
        other, found = ks.Translator.load(path), {}
        for share in SHARES:
            found[share] = bleu(taster, mixed(soup, other, share), corpus.validation)
            print(f"  {share:.2f} of {path}: validation {found[share]:.2f}", flush=True)
        soup = mixed(soup, other, max(SHARES, key=found.get))
    print(f"  the soup: test 2016 {bleu(taster, soup, corpus.test):.2f}", flush=True)
    soup.save(folder)


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
